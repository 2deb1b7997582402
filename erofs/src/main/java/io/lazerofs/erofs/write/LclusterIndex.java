package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.LclusterType;
import java.io.IOException;

/**
 * What begins in each logical cluster of a compressed file; lclusters are as large as blocks.
 *
 * <pre>{@code
 * lcluster   0         1         2         3         4
 *            ├─────────┼─────────┼─────────┼─────────┼──────
 * extents    │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒│░░░░░░░░░│▒▒▒▒▒▒▒
 * entries    head      nonhead   head      head      …
 *            offset 0  back 1    offset n  offset n
 * }</pre>
 */
final class LclusterIndex {

  /** Takes entries in the order of their lclusters. */
  interface Sink {

    /**
     * Takes an lcluster in which an extent begins.
     *
     * @param offset where in it, bytes
     * @param block the pcluster's first block
     */
    void head(LclusterType type, int offset, long block) throws IOException;

    /**
     * Takes an lcluster in which none begins.
     *
     * @param back lclusters back to the one where its extent begins
     * @param on lclusters on to the next one where an extent begins, or to the end of the file
     * @param blocks the pcluster's blocks
     */
    void nonHead(int back, int on, int blocks) throws IOException;
  }

  private final int blockBits;
  private final long size;
  private final Extents extents;

  LclusterIndex(int blockBits, Content.Compressed content) {
    this.blockBits = blockBits;
    size = content.size();
    extents = content.extents();
  }

  /** Returns the number of entries. */
  static long entries(long size, int blockBits) {
    return ((size - 1) >> blockBits) + 1;
  }

  /** Passes all entries to {@code sink}. */
  void forEach(Sink sink) throws IOException {
    long start = 0;
    for (int i = 0; i < extents.count(); i++) {
      if (extents.isPlain(i)) {
        plain(start, start + extents.length(i), extents.firstBlock(i), sink);
      } else {
        long end = start + extents.length(i);
        extent(LclusterType.HEAD1, start, end, extents.firstBlock(i), extents.blocks(i), sink);
      }
      start += extents.length(i);
    }
  }

  /** Passes a run as extents of one block each: older kernels know no longer ones. */
  private void plain(long start, long end, long firstBlock, Sink sink) throws IOException {
    long block = firstBlock;
    for (long at = start; at < end; at += 1L << blockBits) {
      long next = Math.min(end, at + (1L << blockBits));
      extent(LclusterType.PLAIN, at, next, block++, 1, sink);
    }
  }

  private void extent(LclusterType type, long start, long end, long block, int blocks, Sink sink)
      throws IOException {
    long head = start >> blockBits;
    long next = end == size ? entries(size, blockBits) : end >> blockBits;
    sink.head(type, (int) (start - (head << blockBits)), block);
    for (long lcluster = head + 1; lcluster < next; lcluster++) {
      sink.nonHead((int) (lcluster - head), (int) (next - lcluster), blocks);
    }
  }
}
