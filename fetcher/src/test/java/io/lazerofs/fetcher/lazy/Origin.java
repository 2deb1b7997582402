package io.lazerofs.fetcher.lazy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A registry in memory that records what it is asked for and answers as a test wants it to. */
final class Origin implements RangeReader {
  static final int PIECE = 8192;

  private final byte[] content;
  private final List<ByteRange> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger active = new AtomicInteger();
  private volatile RangeReader answer = this::giveAll;

  Origin(byte[] content) {
    this.content = content;
  }

  List<ByteRange> requests() {
    return requests;
  }

  /** Returns how many reads are going on. */
  int active() {
    return active.get();
  }

  long requestedBytes() {
    return requests.stream().mapToLong(ByteRange::length).sum();
  }

  void answer(RangeReader answer) {
    this.answer = answer;
  }

  void answerNormally() {
    this.answer = this::giveAll;
  }

  @Override
  public void read(long offset, long length, Sink sink) throws IOException {
    requests.add(new ByteRange(offset, offset + length));
    active.incrementAndGet();
    try {
      answer.read(offset, length, sink);
    } finally {
      active.decrementAndGet();
    }
  }

  void giveAll(long offset, long length, Sink sink) throws IOException {
    for (long at = offset; at < offset + length; at += PIECE) {
      give(at, Math.min(PIECE, offset + length - at), sink);
    }
  }

  /** Gives a range in one piece. */
  void give(long offset, long length, Sink sink) throws IOException {
    sink.accept(ByteBuffer.wrap(content, Math.toIntExact(offset), Math.toIntExact(length)));
  }

  /**
   * Waits as a read of a slow network would: until the latch opens or the thread is interrupted.
   */
  static void stall(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }
}
