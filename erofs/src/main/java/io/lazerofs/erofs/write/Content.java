package io.lazerofs.erofs.write;

/** Where in the image the content of a regular file lies. */
sealed interface Content {

  /** Returns the bytes of the file, holes included. */
  long size();

  /**
   * Content in consecutive blocks.
   *
   * @param firstBlock any for an empty file
   */
  record Flat(long size, long firstBlock) implements Content {}

  /**
   * Content with holes, in chunks of equal size.
   *
   * @param chunkBits binary logarithm of the number of blocks in a chunk
   * @param runs the chunks that are no holes, ascending: for each run the first chunk, the number
   *     of chunks and the first block
   */
  record Chunked(long size, int chunkBits, long[] runs) implements Content {}
}
