package io.lazerofs.erofs;

import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The piece of an index that was looked at last, so that neighbouring entries cost one read of the
 * source. For use by one thread.
 *
 * <p>Records that are aligned to their size, a power of two of at most {@link #SIZE}, never lie
 * across two pieces.
 */
final class IndexWindow {

  /** Bytes in a piece: the smallest block, so that no piece reaches past the last block. */
  private static final int SIZE = 512;

  private final ByteSource source;
  private MemorySegment bytes = MemorySegment.NULL;
  private long start;

  IndexWindow(ByteSource source) {
    this.source = source;
  }

  /**
   * Makes {@link #bytes} hold a record.
   *
   * @param position where the record starts on the source
   * @param size its size in bytes
   * @return where it starts in {@link #bytes}
   */
  long locate(long position, int size, String what) throws IOException {
    if (bytes.byteSize() == 0 || !Checked.within(position - start, size, bytes.byteSize())) {
      Checked.range(source, position, size, what);
      long from = position & -SIZE;
      int length = (int) Math.min(SIZE, source.size() - from);
      bytes = Checked.bytes(source, from, length, what);
      start = from;
    }
    return position - start;
  }

  /** Returns the piece that the last call of {@link #locate} chose. */
  MemorySegment bytes() {
    return bytes;
  }
}
