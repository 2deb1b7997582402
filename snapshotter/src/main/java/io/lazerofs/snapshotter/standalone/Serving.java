package io.lazerofs.snapshotter.standalone;

import io.lazerofs.fuse.FuseServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The life of a process that serves a mount. */
final class Serving {
  /** How long a signal waits for the mount to end before the process ends all the same. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Serving() {}

  /**
   * Says that the mount is usable, and returns when its session is over. A signal that ends the
   * process unmounts first.
   *
   * @param unmount takes down all that is mounted; called by a signal, or when waiting is
   *     interrupted
   */
  static void untilEnd(FuseServer server, Runnable unmount, Runnable usable) throws IOException {
    CountDownLatch cleanedUp = new CountDownLatch(1);
    Thread atExit =
        new Thread(
            () -> {
              unmount.run();
              awaitQuietly(cleanedUp);
            },
            "unmount");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      usable.run();
      server.awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      unmount.run();
      throw new InterruptedIOException("interrupted while serving " + server.mountPoint());
    } finally {
      cleanedUp.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(atExit);
      } catch (IllegalStateException e) {
        // It is what ended the session.
      }
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
