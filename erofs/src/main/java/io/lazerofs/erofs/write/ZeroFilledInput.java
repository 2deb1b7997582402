package io.lazerofs.erofs.write;

import io.lazerofs.tar.DataRange;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/** The content of a sparse file with zeros where its holes are. */
final class ZeroFilledInput extends InputStream {
  private final InputStream in;
  private final long size;
  private final Iterator<DataRange> ranges;
  private DataRange range;
  private long position;

  /**
   * @param in the bytes of all ranges, one after the other; not closed
   */
  ZeroFilledInput(InputStream in, long size, List<DataRange> data) {
    this.in = in;
    this.size = size;
    ranges = data.iterator();
    range = nextRange();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] bytes, int start, int length) throws IOException {
    Objects.checkFromIndexSize(start, length, bytes.length);
    if (position == size && length > 0) {
      return -1;
    }
    if (position == range.end()) {
      range = nextRange();
    }
    int count;
    if (position < range.offset()) {
      count = (int) Math.min(length, range.offset() - position);
      Arrays.fill(bytes, start, start + count, (byte) 0);
    } else {
      count = in.read(bytes, start, (int) Math.min(length, range.end() - position));
      if (count < 0) {
        throw new EOFException((range.end() - position) + " more bytes of content were due");
      }
    }
    position += count;
    return count;
  }

  /** Returns the next range, at last an empty one at the end of the file. */
  private DataRange nextRange() {
    return ranges.hasNext() ? ranges.next() : new DataRange(size, 0);
  }
}
