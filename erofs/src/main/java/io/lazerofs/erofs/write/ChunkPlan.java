package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.tar.DataRange;
import java.util.List;

/**
 * The division of a sparse file into chunks: of all chunk sizes the one with which map and stored
 * chunks take the least space. Small chunks waste little around the data, large ones keep the map
 * of a huge file short. File sizes are at most {@link ImageWriter#MAX_FILE}.
 *
 * @param blockBits binary logarithm of the block size in bytes
 * @param chunkBits binary logarithm of the number of blocks in a chunk
 */
record ChunkPlan(int blockBits, int chunkBits) {
  private static final int MAX_CHUNK_BITS = 31;

  static ChunkPlan of(int blockBits, long size, List<DataRange> data) {
    int best = 0;
    long least = Long.MAX_VALUE;
    for (int bits = 0; bits <= MAX_CHUNK_BITS; bits++) {
      long cost = new ChunkPlan(blockBits, bits).cost(size, data);
      if (cost < least) {
        best = bits;
        least = cost;
      }
    }
    return new ChunkPlan(blockBits, best);
  }

  /** Returns the number of chunks of a file, holes included. */
  long chunks(long size) {
    return size == 0 ? 0 : ((size - 1) >> shift()) + 1;
  }

  /** Returns the binary logarithm of a chunk's size in bytes. */
  int shift() {
    return blockBits + chunkBits;
  }

  private long cost(long size, List<DataRange> data) {
    long stored = 0;
    long covered = -1;
    for (DataRange range : data) {
      long first = Math.max(range.offset() >> shift(), covered + 1);
      covered = (range.end() - 1) >> shift();
      stored += Math.max(0, covered - first + 1) << shift();
    }
    return chunks(size) * ChunkFormat.BLOCK_MAP_ENTRY_SIZE + stored;
  }
}
