package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.tar.DataRange;
import java.util.List;

/**
 * The division of a sparse file into chunks: of all chunk sizes the one with which map and stored
 * chunks take the least space. Small chunks waste little around the data, large ones keep the map
 * of a huge file short. File sizes are at most {@link ImageWriter#MAX_FILE}.
 *
 * @param blockBits binary logarithm of the number of blocks in a chunk
 */
record ChunkPlan(int blockBits) {
  private static final int MAX_BLOCK_BITS = 31;

  static ChunkPlan of(long size, List<DataRange> data) {
    int best = 0;
    long least = Long.MAX_VALUE;
    for (int bits = 0; bits <= MAX_BLOCK_BITS; bits++) {
      long cost = new ChunkPlan(bits).cost(size, data);
      if (cost < least) {
        best = bits;
        least = cost;
      }
    }
    return new ChunkPlan(best);
  }

  /** Returns the number of chunks, holes included. */
  static long chunks(long size, int blockBits) {
    return ((size - 1) >> shift(blockBits)) + 1;
  }

  /** Returns the binary logarithm of a chunk's size in bytes. */
  static int shift(int blockBits) {
    return BlockOutput.BLOCK_BITS + blockBits;
  }

  int shift() {
    return shift(blockBits);
  }

  private long cost(long size, List<DataRange> data) {
    long stored = 0;
    long covered = -1;
    for (DataRange range : data) {
      long first = Math.max(range.offset() >> shift(), covered + 1);
      covered = (range.end() - 1) >> shift();
      stored += Math.max(0, covered - first + 1) << shift();
    }
    return chunks(size, blockBits) * ChunkFormat.BLOCK_MAP_ENTRY_SIZE + stored;
  }
}
