package io.lazerofs.fetcher.cache;

import java.io.IOException;

/** Brings blocks of a blob's hash tree that are absent, and that other blocks are verified by. */
@FunctionalInterface
public interface HashTreeSource {

  /**
   * Returns when the range is present, waiting as long as that takes; at once when it is for the
   * caller itself to bring it, who would wait for itself.
   *
   * @param offset of the first block, in bytes from the blob's start
   * @param length in bytes
   * @return false when it is the caller's own and absent
   * @throws IOException when some block could not be had
   */
  boolean bring(long offset, long length) throws IOException;
}
