package io.lazerofs.snapshotter.mount;

import io.lazerofs.files.FileSystemType;
import io.lazerofs.fuse.FileSystem;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.fuse.RequestStatistics;
import io.lazerofs.fuse.sys.MountCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one FUSE mount of a daemon. The daemon itself never uses a file of it: it would wait for
 * itself.
 */
public final class FuseMount implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FuseMount.class);
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  /** How long requests that are under way may take when the daemon ends. */
  private static final Duration DRAIN = Duration.ofSeconds(5);

  private final FuseServer server;

  private FuseMount(FuseServer server) {
    this.server = server;
  }

  /**
   * Mounts. What dead daemons left on the mount point is detached first; the caller holds the lock
   * of the root, so whoever mounted it is dead.
   *
   * @param waiters runs what waits for absent bytes
   * @throws IOException when something else is mounted there, or mounting fails
   */
  public static FuseMount mount(Path mountPoint, FileSystem files, Executor waiters)
      throws IOException {
    detachStale(mountPoint);
    Files.createDirectories(mountPoint);
    return new FuseMount(FuseServer.mount(mountPoint, files, FuseOptions.defaults(), waiters));
  }

  /** Whether the mount is served. */
  public boolean isServed() {
    return server.isRunning();
  }

  /** Waits as {@link FuseServer#quiesce} does. */
  public void quiesce() {
    server.quiesce();
  }

  /** Returns what was asked of the mount, and how it was answered. */
  public RequestStatistics.Snapshot statistics() {
    return server.statistics();
  }

  /** Returns how many requests of readers are under way. */
  public int requestsInFlight() {
    return server.requestsInFlight();
  }

  /** Ends the mount at once; whoever reads from it gets an error. */
  public void abort() {
    server.abort();
  }

  /**
   * Unmounts. Requests that are under way are answered, those that take too long fail, and so does
   * all later use of a mount that is in use: no layer is used any more when this returns.
   */
  @Override
  public void close() {
    server.close();
    try {
      if (!server.awaitIdle(DRAIN)) {
        log.warn("{} requests did not end in time and fail", server.requestsInFlight());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.abort();
  }

  private static void detachStale(Path mountPoint) throws IOException {
    for (Optional<String> type = type(mountPoint); type.isPresent(); type = type(mountPoint)) {
      if (!type.get().equals(FileSystemType.LAZEROFS.name())) {
        throw new IOException(
            "a file system of type %s is mounted on %s; unmount it, or choose another root"
                .formatted(type.get(), mountPoint));
      }
      log.info("{}: the mount of a daemon that died is detached", mountPoint);
      MountCalls.unmount(mountPoint, MountCalls.DETACH);
    }
  }

  /** Returns the type of what is mounted on a directory, without touching the mount. */
  private static Optional<String> type(Path mountPoint) throws IOException {
    Optional<String> last = Optional.empty();
    for (String line : Files.readAllLines(MOUNTS)) {
      // 36 35 98:0 /subtree /mount/point options … - type source super-options (proc(5))
      List<String> fields = List.of(line.split(" ", -1));
      int separator = fields.indexOf("-");
      if (separator > 4
          && separator + 1 < fields.size()
          && unescape(fields.get(4)).equals(mountPoint.toString())) {
        last = Optional.of(fields.get(separator + 1));
      }
    }
    return last;
  }

  /** Undoes the kernel's octal escapes for space, tab, newline and backslash. */
  private static String unescape(String path) {
    return path.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
