package io.lazerofs.erofs.write;

import java.util.List;

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
   * @param runs the chunks that are no holes, ascending
   */
  record Chunked(long size, int chunkBits, List<Run> runs) implements Content {}

  /**
   * Chunks that follow each other in the file and in the image.
   *
   * @param first the first chunk
   * @param count the number of chunks
   * @param block where the first one lies
   */
  record Run(long first, long count, long block) {}
}
