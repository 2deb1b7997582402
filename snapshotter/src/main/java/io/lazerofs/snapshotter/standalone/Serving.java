package io.lazerofs.snapshotter.standalone;

import io.lazerofs.fuse.MountedFileSystem;
import io.lazerofs.snapshotter.process.EndSignals;
import java.io.InterruptedIOException;

/** The life of a process that serves a mount, from when it is usable. */
final class Serving {
  private Serving() {}

  /**
   * Says that the mount is usable, and returns when its session is over: by an unmount, or by a
   * signal. The first signal unmounts and lets reads that are under way end; the second one aborts
   * them. No reply uses memory of the file system any more when this returns or throws.
   *
   * @param unmount takes down all that is mounted; called at a signal, or when this fails
   * @param giveUp ends what the session's waiters wait for; called when it is aborted
   */
  static void untilEnd(MountedFileSystem server, Runnable unmount, Runnable giveUp, Runnable usable)
      throws InterruptedIOException {
    EndSignals.handle(
        unmount,
        () -> {
          server.abort();
          giveUp.run();
        });
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
        server.abort();
      }
    }
  }
}
