package io.lazerofs.fuse;

import java.nio.file.Path;

/** A file system that this process has mounted and serves. Safe for use by many threads. */
public interface MountedFileSystem extends AutoCloseable {

  /** Returns the mount point, absolute and without symbolic links. */
  Path mountPoint();

  /** Waits until the file system is unmounted, by whomever, and is not called any more. */
  void awaitEnd() throws InterruptedException;

  /**
   * Unmounts, and waits shortly for the session to end. A mount that is busy is detached: it
   * disappears from the tree at once, and is served until its last user is gone, which {@link
   * #awaitEnd} waits for. Does nothing when it was closed or unmounted already.
   */
  @Override
  void close();

  /**
   * Ends the session at once and unmounts. Whoever waits for an answer gets an error instead
   * (ECONNABORTED, or ENOTCONN from then on), at the latest when this process ends. Does nothing
   * when the session is over.
   */
  void abort();
}
