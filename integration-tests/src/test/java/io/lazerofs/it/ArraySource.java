package io.lazerofs.it;

import io.lazerofs.source.ByteSource;
import java.lang.foreign.MemorySegment;

/** Bytes in an array, all present. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ArraySource(byte[] bytes) implements ByteSource {
  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public void read(long offset, MemorySegment destination) {
    MemorySegment.copy(
        MemorySegment.ofArray(bytes), offset, destination, 0, destination.byteSize());
  }

  @Override
  public void fill(long offset, long length) {
    // All of it is present.
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
