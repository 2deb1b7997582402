package io.lazerofs.snapshotter.standalone;

import io.lazerofs.fuse.MountedFileSystem;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The life of a process that serves a mount. Opened before, and closed after all that the mount
 * needs: a signal then lets the process clean up before it ends.
 */
final class Serving implements AutoCloseable {
  /** How long a signal waits for the mount to end before the process ends all the same. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final CountDownLatch cleanedUp = new CountDownLatch(1);

  /**
   * Says that the mount is usable, and returns when its session is over.
   *
   * @param unmount takes down all that is mounted; called at a signal, or when this fails
   */
  void untilEnd(MountedFileSystem server, Runnable unmount, Runnable usable)
      throws InterruptedIOException {
    Thread atExit = new Thread(() -> end(unmount), "unmount");
    Runtime.getRuntime().addShutdownHook(atExit);
    boolean over = false;
    try {
      usable.run();
      server.awaitEnd();
      over = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while serving " + server.mountPoint());
    } finally {
      if (!over) {
        unmount.run();
      }
    }
  }

  private void end(Runnable unmount) {
    unmount.run();
    try {
      cleanedUp.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    cleanedUp.countDown();
  }
}
