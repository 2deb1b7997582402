package io.lazerofs.fuse.sys;

/**
 * What requests come through and replies go through: {@link FuseDevice}, or a test in the kernel's
 * place. Safe for use by many threads, each with an {@link IoVector} of its own.
 */
public interface Transport extends AutoCloseable {

  /**
   * Waits for a request and reads it whole into the first part of {@code vector}.
   *
   * @return its length in bytes, or {@code -errno}; -ENODEV once the session is over
   */
  int read(IoVector vector);

  /**
   * Writes a reply that is made of the first {@code parts} parts of {@code vector}, whole or not at
   * all.
   *
   * @return its length in bytes, or {@code -errno}; -ENOENT when nobody waits for it any more
   */
  int write(IoVector vector, int parts);

  /** Ends the use of it; no call may be under way. */
  @Override
  void close();
}
