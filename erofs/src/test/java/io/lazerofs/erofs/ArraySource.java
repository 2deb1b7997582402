package io.lazerofs.erofs;

import io.lazerofs.source.ByteSource;
import java.lang.foreign.MemorySegment;

/** Bytes in memory as a source, with or without views of them. */
final class ArraySource implements ByteSource {
  private final MemorySegment bytes;
  private final boolean views;

  ArraySource(byte[] bytes, boolean views) {
    this(MemorySegment.ofArray(bytes), views);
  }

  private ArraySource(MemorySegment bytes, boolean views) {
    this.bytes = bytes;
    this.views = views;
  }

  /** Returns a source that ends earlier. */
  ArraySource first(long length) {
    return new ArraySource(bytes.asSlice(0, length), views);
  }

  @Override
  public long size() {
    return bytes.byteSize();
  }

  @Override
  public void read(long offset, MemorySegment destination) {
    MemorySegment.copy(bytes, offset, destination, 0, destination.byteSize());
  }

  @Override
  public void fill(long offset, long length) {}

  @Override
  public MemorySegment memory() {
    return views ? bytes.asReadOnly() : MemorySegment.NULL;
  }

  @Override
  public void close() {}
}
