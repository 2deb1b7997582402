package io.lazerofs.fetcher.cache;

import java.io.IOException;

/** Brings blocks of a blob's hash tree that are absent, and that other blocks are verified by. */
@FunctionalInterface
public interface HashTreeSource {

  /**
   * Returns when the range is present, waiting as long as that takes.
   *
   * @param offset of the first block, in bytes from the blob's start
   * @param length in bytes
   * @throws IOException when some block could not be had
   */
  void bring(long offset, long length) throws IOException;
}
