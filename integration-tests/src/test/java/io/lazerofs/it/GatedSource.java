package io.lazerofs.it;

import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Bytes that are absent until a gate opens; the first fills may be made to fail. */
final class GatedSource implements ByteSource {
  final CountDownLatch gate = new CountDownLatch(1);
  final AtomicInteger waiting = new AtomicInteger();
  final AtomicInteger failures = new AtomicInteger();
  private final byte[] bytes;
  private volatile boolean present;

  GatedSource(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public void read(long offset, MemorySegment destination) throws IOException {
    if (!present) {
      throw new AbsentException(this, offset, destination.byteSize());
    }
    new ArraySource(bytes).read(offset, destination);
  }

  @Override
  public void fill(long offset, long length) throws IOException {
    waiting.incrementAndGet();
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IOException("a fill that is made to fail");
    }
    present = true;
  }

  @Override
  public void close() {
    gate.countDown();
  }
}
