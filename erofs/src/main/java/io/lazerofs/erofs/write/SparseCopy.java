package io.lazerofs.erofs.write;

import io.lazerofs.tar.DataRange;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** One copy of a sparse file's data into chunks; used once. */
final class SparseCopy {
  private final BlockOutput output;
  private final long size;
  private final ChunkPlan plan;
  private final int shift;
  private final List<Content.Run> runs = new ArrayList<>();

  /** The run of chunks that is being written: its first and last chunk, and its first block. */
  private long first;

  private long last = -1;
  private long firstBlock;

  /** Where in the file the output is. */
  private long position;

  SparseCopy(BlockOutput output, long size, ChunkPlan plan) {
    this.output = output;
    this.size = size;
    this.plan = plan;
    shift = plan.shift();
  }

  /**
   * Copies the data and returns where it is.
   *
   * @param in the bytes of all ranges, one after the other
   */
  Content.Chunked copy(InputStream in, List<DataRange> data) throws IOException {
    boolean open = false;
    for (DataRange range : data) {
      long chunk = range.offset() >> shift;
      if (!open || chunk > last + 1) {
        if (open) {
          endRun();
        }
        open = true;
        first = chunk;
        position = chunk << shift;
        firstBlock = output.block();
      }
      output.zeros(range.offset() - position);
      output.transfer(in, range.length());
      position = range.end();
      last = (position - 1) >> shift;
    }
    if (open) {
      endRun();
    }
    return new Content.Chunked(size, plan.chunkBits(), List.copyOf(runs));
  }

  private void endRun() throws IOException {
    long block = 1L << plan.blockBits();
    long wholeBlocks = size + block - 1 & -block;
    output.zeros(Math.min((last + 1) << shift, wholeBlocks) - position);
    runs.add(new Content.Run(first, last - first + 1, firstBlock));
  }
}
