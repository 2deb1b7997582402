package io.lazerofs.erofs.write;

import java.util.List;

/** Where in the image the content of a regular file lies. */
sealed interface Content {

  /** Returns the bytes of the file, holes included. */
  long size();

  /**
   * Content in consecutive blocks.
   *
   * @param firstBlock any when there is no whole block
   * @param tail what lies beside the inode instead of in a last block
   */
  record Flat(long size, long firstBlock, Tail tail) implements Content {}

  /**
   * Content in chunks of equal size, some of which may be holes.
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
  record Run(long first, long count, long block) {

    /** Whether a chunk at {@code next} continues this run in file and image. */
    boolean isContinuedBy(long chunk, long next, int chunkBits) {
      return chunk == first + count && next == block + (count << chunkBits);
    }
  }

  /**
   * Compressed content.
   *
   * @param tail the last extent's pcluster, if it lies beside the inode
   */
  record Compressed(long size, Extents extents, Tail tail) implements Content {

    /** Returns the blocks that all pclusters but that of the tail take. */
    long storedBlocks() {
      return extents.blocks() - (tail.length() > 0 ? 1 : 0);
    }
  }
}
