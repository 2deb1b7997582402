package io.lazerofs.it;

import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Bytes of which one cannot be read. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record FailingSource(byte[] bytes, long bad) implements ByteSource {
  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public void read(long offset, MemorySegment destination) throws IOException {
    if (offset <= bad && bad < offset + destination.byteSize()) {
      throw new IOException("byte " + bad + " is bad");
    }
    new ArraySource(bytes).read(offset, destination);
  }

  @Override
  public void fill(long offset, long length) {
    // Nothing is absent.
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
