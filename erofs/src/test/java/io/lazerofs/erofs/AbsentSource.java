package io.lazerofs.erofs;

import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** A source of which nothing is present but what {@link #fill} brought in, to the byte. */
final class AbsentSource implements ByteSource {
  private final byte[] content;
  private final BitSet present = new BitSet();
  private int fills;

  AbsentSource(byte[] content) {
    this.content = content;
  }

  /** Returns the number of bytes that are present. */
  int presentBytes() {
    return present.cardinality();
  }

  /** Returns the number of fills so far. */
  int fills() {
    return fills;
  }

  @Override
  public long size() {
    return content.length;
  }

  @Override
  public void read(long offset, MemorySegment destination) throws IOException {
    int length = (int) destination.byteSize();
    int absent = present.nextClearBit((int) offset);
    if (absent < offset + length) {
      throw new AbsentException(this, absent, offset + length - absent);
    }
    MemorySegment.copy(MemorySegment.ofArray(content), offset, destination, 0, length);
  }

  @Override
  public void fill(long offset, long length) {
    fills++;
    present.set((int) offset, (int) (offset + length));
  }

  @Override
  public void close() {}
}
