package io.lazerofs.fuse;

import io.lazerofs.fuse.sys.FuseDevice;
import io.lazerofs.fuse.sys.MountCalls;
import io.lazerofs.sys.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mounted file system that this process serves. Safe for use by many threads.
 *
 * <p>This process must not use files of the mount from a thread that the answer depends on, and
 * nothing is to be mounted below it by the server itself: a worker that waits for its own mount
 * waits for ever. {@link #abort} ends a mount that hangs.
 */
public final class FuseServer implements MountedFileSystem {
  private static final Logger log = LoggerFactory.getLogger(FuseServer.class);

  /** What mount tables show as the type: FUSE, and whose. */
  private static final String TYPE = "fuse.lazerofs";

  /** How long to wait for the kernel to end the session once it was told to. */
  private static final long END_SECONDS = 5;

  /** How often {@link #awaitIdle} looks. */
  private static final long POLL_NANOS = 1_000_000;

  private final Path mountPoint;
  private final Connection connection;
  private final FuseDevice device;
  private final SessionState state;
  private final Session session;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FuseServer(
      Path mountPoint,
      Connection connection,
      FuseDevice device,
      SessionState state,
      Session session) {
    this.mountPoint = mountPoint;
    this.connection = connection;
    this.device = device;
    this.state = state;
    this.session = session;
  }

  /**
   * Mounts a file system read-only and returns when it can be used.
   *
   * <p>Set-user-id programs and device nodes work in it, as containers need.
   *
   * @param files what to serve; it must stay usable until {@link #awaitEnd} returned
   * @param waiters runs what waits for absent bytes, possibly many at once: virtual threads
   * @throws MountException when it cannot be mounted there; nothing is left behind
   * @throws IOException when the kernel's FUSE is too old
   */
  public static FuseServer mount(
      Path mountPoint, FileSystem files, FuseOptions options, Executor waiters) throws IOException {
    return mount(mountPoint, files, options, waiters, SessionState.WANTED);
  }

  /**
   * Mounts as the other does.
   *
   * @param features bits of {@link Protocol.Feature} that are taken where the kernel offers them
   */
  static FuseServer mount(
      Path mountPoint, FileSystem files, FuseOptions options, Executor waiters, long features)
      throws IOException {
    Path target = directory(mountPoint);
    FuseDevice device = open(target);
    SessionState state;
    Connection connection;
    try {
      mount(target, device, options);
      try {
        state = Session.initialize(device, features);
        connection = Connection.of(target);
      } catch (IOException | RuntimeException | Error e) {
        detach(target, e);
        throw e;
      }
    } catch (IOException | RuntimeException | Error e) {
      device.close();
      throw e;
    }
    Session session = new Session(device, state, files, options.workers(), waiters);
    session.workers().forEach(threads(options)::start);
    raiseReadAhead(target, connection, options.readAheadKib());
    return new FuseServer(target, connection, device, state, session);
  }

  /**
   * Goes on with a mount that another process has served, and returns when it serves: requests that
   * came meanwhile have waited. The file system must mean the same as the other one's by each node
   * id and generation.
   *
   * @param mountPoint where it is mounted
   * @param device what the other process served it by; owned by the server when this returns
   * @param state what INIT settled when it was mounted
   * @throws IOException when it is not mounted there
   */
  public static FuseServer takeOver(
      Path mountPoint,
      FuseDevice device,
      SessionState state,
      FileSystem files,
      FuseOptions options,
      Executor waiters)
      throws IOException {
    Path target = mountPoint.toAbsolutePath();
    Connection connection = Connection.of(target);
    Session session = new Session(device, state, files, options.workers(), waiters);
    int result = state.resends() ? Session.resend(device) : -Errno.ENOSYS.number();
    if (result < 0) {
      log.warn(
          "this kernel does not send again what a dead server has not answered (errno {}; Linux 6.9"
              + " does): whoever waits for that gets an I/O error",
          -result);
      failLost(session, device, threads(options));
    } else {
      session.workers().forEach(threads(options)::start);
    }
    return new FuseServer(target, connection, device, state, session);
  }

  /** Starts one worker, and the others when it knows which requests are lost. */
  private static void failLost(Session session, FuseDevice device, Thread.Builder threads) {
    List<Worker> workers = session.workers();
    Worker first =
        workers
            .getFirst()
            .telling(unique -> {
              log.warn("{} requests failed", LostRequests.fail(device, unique));
              workers.stream().skip(1).forEach(threads::start);
            });
    threads.start(first);
  }

  private static Thread.Builder threads(FuseOptions options) {
    return Thread.ofPlatform().name("fuse-" + options.sourceName() + "-", 0).daemon();
  }

  private static Path directory(Path mountPoint) throws IOException {
    if (!Files.exists(mountPoint)) {
      throw new MountException(mountPoint, "there is no such directory; create it first");
    }
    if (!Files.isDirectory(mountPoint)) {
      throw new MountException(mountPoint, "it is not a directory");
    }
    return mountPoint.toRealPath();
  }

  private static FuseDevice open(Path target) throws MountException {
    try {
      return FuseDevice.open();
    } catch (SystemCallException e) {
      String advice =
          e.errno() == Errno.ENOENT.number() || e.errno() == Errno.ENODEV.number()
              ? "; load the fuse module (modprobe fuse) or give the container this device"
              : "; run as root";
      throw new MountException(target, e.getMessage() + advice, e);
    } catch (LinkageError e) {
      throw new MountException(target, String.valueOf(e.getMessage()), e);
    }
  }

  private static void mount(Path target, FuseDevice device, FuseOptions options)
      throws MountException {
    String data =
        "fd=%d,rootmode=40000,user_id=0,group_id=0,default_permissions%s"
            .formatted(device.descriptor(), options.allowOther() ? ",allow_other" : "");
    try {
      MountCalls.mount(options.sourceName(), target, TYPE, MountCalls.READ_ONLY, data);
    } catch (SystemCallException e) {
      String advice = e.errno() == Errno.EPERM.number() ? "; mounting needs root" : "";
      throw new MountException(target, e.getMessage() + advice, e);
    }
  }

  private static void detach(Path target, Throwable failure) {
    try {
      MountCalls.unmount(target, MountCalls.DETACH);
    } catch (SystemCallException e) {
      failure.addSuppressed(e);
    }
  }

  private static void raiseReadAhead(Path target, Connection connection, int kib) {
    if (kib == 0) {
      return;
    }
    try {
      connection.setReadAhead(kib);
    } catch (IOException | RuntimeException e) {
      log.warn("the read-ahead of {} stays as it is, sequential reads are slower", target, e);
    }
  }

  @Override
  public Path mountPoint() {
    return mountPoint;
  }

  @Override
  public void awaitEnd() throws InterruptedException {
    session.over().await();
  }

  /**
   * Waits until no request is under way, those that wait for absent bytes included, or the session
   * is over.
   *
   * @return whether that came within {@code patience}
   */
  public boolean awaitIdle(Duration patience) throws InterruptedException {
    long begin = System.nanoTime();
    while (isRunning() && session.inFlight() > 0) {
      if (System.nanoTime() - begin > patience.toNanos()) {
        return false;
      }
      if (session.over().await(POLL_NANOS, TimeUnit.NANOSECONDS)) {
        return true;
      }
    }
    return true;
  }

  /**
   * Returns when each request that was being answered at the call has been answered. Memory that
   * the file system stopped lending before the call is used no more then, and may be unmapped. Does
   * not wait for requests that wait for absent bytes: they use none, and ask the file system again.
   */
  public void quiesce() {
    session.quiesce();
  }

  /** Returns what INIT settled. */
  public SessionState state() {
    return state;
  }

  /** Returns the number of this process's descriptor for the session, while that is running. */
  public int descriptor() {
    return device.descriptor();
  }

  /** Returns the number of the device that the mount is, as {@code major:minor}. */
  public String deviceNumber() {
    return connection.device();
  }

  /**
   * Stops to serve, and leaves the mount to another process that has its descriptor. Requests that
   * are being answered are; those that wait for absent bytes are left to the other one, too.
   *
   * @return whether all workers have left within {@code patience}; if not, this process has to end
   *     before the other one begins
   */
  public boolean handOver(Duration patience) throws InterruptedException {
    if (!closed.compareAndSet(false, true)) {
      return !isRunning();
    }
    session.handOver();
    // A worker that waits in the kernel sees it after its next request. Each of these is one: a
    // name that was never asked for. One too many is answered by the other process.
    Thread.ofPlatform().daemon().name("fuse-leave").start(this::wakeWorkers);
    return session.over().await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void wakeWorkers() {
    for (int i = 0; isRunning(); i++) {
      boolean unused = Files.exists(mountPoint.resolve(".leave-" + i));
    }
  }

  /** Whether the session still serves. */
  public boolean isRunning() {
    return session.over().getCount() > 0;
  }

  /** Returns what was asked and answered since the session began. */
  public RequestStatistics.Snapshot statistics() {
    return session.statistics().snapshot();
  }

  /** Returns the number of requests that were read and not answered yet. */
  public int requestsInFlight() {
    return session.inFlight();
  }

  /** Returns the number of reply buffers that are in use; 0 when nothing is being answered. */
  public int replyBuffersOut() {
    return session.buffersOut();
  }

  @Override
  public void close() {
    if (!isRunning() || !closed.compareAndSet(false, true)) {
      return;
    }
    if (Unmounting.takeDown(mountPoint)) {
      awaitEndShortly("is unmounted here, but still in use elsewhere");
    }
  }

  private void awaitEndShortly(String otherwise) {
    try {
      if (!session.over().await(END_SECONDS, TimeUnit.SECONDS)) {
        log.info("{} {}", mountPoint, otherwise);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * {@inheritDoc} Returns when the file system is not called any more; fills that requests waited
   * for are not waited for.
   */
  @Override
  public void abort() {
    if (!isRunning()) {
      return;
    }
    try {
      connection.abort();
    } catch (IOException | RuntimeException e) {
      log.error("the session of {} goes on until its last user is gone", mountPoint, e);
    }
    if (closed.compareAndSet(false, true)) {
      Unmounting.takeDown(mountPoint);
    }
    awaitEndShortly("does not end though it was aborted");
  }
}
