package io.lazerofs.fuse.jnr;

import io.lazerofs.fuse.FileSystem;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.MountException;
import io.lazerofs.fuse.MountedFileSystem;
import io.lazerofs.fuse.Unmounting;
import io.lazerofs.fuse.sys.EffectiveUser;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jnr.ffi.Struct;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import ru.serce.jnrfuse.LibFuse;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * A mounted file system that this process serves by libfuse 2, as any user. Safe for use by many
 * threads.
 *
 * <p>Requests that meet absent bytes wait on threads of libfuse, which starts more as they are
 * needed: as many as there are requests in flight.
 */
public final class JnrFuseServer implements MountedFileSystem {
  private static final Logger log = LoggerFactory.getLogger(JnrFuseServer.class);

  /** How long {@link #close} waits for libfuse to end the session after the unmount. */
  private static final long END_SECONDS = 5;

  private final Path mountPoint;
  private final CountDownLatch over;
  private final AtomicBoolean closed = new AtomicBoolean();

  private JnrFuseServer(Path mountPoint, CountDownLatch over) {
    this.mountPoint = mountPoint;
    this.over = over;
  }

  /**
   * Mounts a file system read-only and returns when it can be used. The number of workers and the
   * read-ahead of {@code options} have no effect: the first is libfuse's affair, the second root's.
   *
   * @param files what to serve; it must stay usable until {@link #awaitEnd} returned
   * @throws MountException when it cannot be mounted there; nothing is left behind
   */
  public static JnrFuseServer mount(Path mountPoint, FileSystem files, FuseOptions options)
      throws IOException {
    boolean root = EffectiveUser.isRoot();
    Requirements requirements = new Requirements(mountPoint, root);
    Path target = requirements.directory();
    requirements.helpers();
    LibFuse library = requirements.libfuse();
    String[] arguments =
        MountArguments.of(target, options, files.remembersMissingNames(FileSystem.ROOT), root);
    CompletableFuture<Void> started = new CompletableFuture<>();
    CountDownLatch over = new CountDownLatch(1);
    Operations operations = new Operations(files, () -> started.complete(null));
    Thread.ofPlatform()
        .name("libfuse-" + options.sourceName())
        .daemon()
        .start(() -> {
          try {
            int status = serve(library, arguments, operations);
            started.completeExceptionally(
                new MountException(
                    target, "libfuse has said why, and ended with status " + status));
          } catch (RuntimeException | Error e) {
            log.error("libfuse failed", e);
            started.completeExceptionally(e);
          } finally {
            over.countDown();
          }
        });
    await(started, target);
    return new JnrFuseServer(target, over);
  }

  /** Mounts, serves until the file system is unmounted, and returns libfuse's exit status. */
  private static int serve(LibFuse library, String[] arguments, Operations operations) {
    FuseOperations table = operations.table();
    int status =
        library.fuse_main_real(arguments.length, arguments, table, Struct.size(table), null);
    // Callbacks live as long as this method knows their owner.
    Reference.reachabilityFence(operations);
    return status;
  }

  private static void await(CompletableFuture<Void> started, Path target) throws IOException {
    try {
      started.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MountException refused) {
        throw refused;
      }
      throw new MountException(target, String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while mounting " + target);
    }
  }

  @Override
  public Path mountPoint() {
    return mountPoint;
  }

  @Override
  public void awaitEnd() throws InterruptedException {
    over.await();
  }

  @Override
  public void close() {
    if (over.getCount() == 0 || !closed.compareAndSet(false, true)) {
      return;
    }
    try {
      if (Unmounting.takeDown(mountPoint) && !over.await(END_SECONDS, TimeUnit.SECONDS)) {
        log.info("{} is unmounted here, but still in use elsewhere", mountPoint);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@inheritDoc} It is the end of this process that ends the session of a mount in use. */
  @Override
  public void abort() {
    if (over.getCount() == 0) {
      return;
    }
    closed.set(true);
    try {
      Unmounting.unmount(mountPoint, true);
    } catch (IOException e) {
      log.error("the mount stays", e);
    }
  }
}
