package io.lazerofs.erofs;

import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Arrays for decoded bytes, kept for use again, so that a full cache that goes on decoding gives
 * the garbage collector nothing to do. Nobody waits for an array; what comes back to a full pool is
 * garbage. Safe for use by many threads.
 */
final class ArrayPool {
  private static final int SMALLEST = 4096;

  /** Sizes between a power of two and the next: an array has at most a quarter too much. */
  private static final int STEPS = 4;

  private final long mostBytes;
  private final AtomicLong keptBytes = new AtomicLong();
  private final ConcurrentMap<Integer, Queue<byte[]>> kept = new ConcurrentHashMap<>();

  /**
   * @param mostBytes how much to keep at most
   */
  ArrayPool(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /**
   * Returns an array of at least {@code length} bytes, whatever they are, that is the caller's
   * until {@link #give}.
   */
  byte[] take(int length) {
    int size = rounded(length);
    Queue<byte[]> sized = kept.get(size);
    byte[] array = sized == null ? null : sized.poll();
    if (array == null) {
      return new byte[size];
    }
    keptBytes.addAndGet(-size);
    return array;
  }

  /** Takes back an array that {@link #take} gave. */
  void give(byte[] array) {
    if (keptBytes.addAndGet(array.length) > mostBytes) {
      keptBytes.addAndGet(-array.length);
      return;
    }
    kept.computeIfAbsent(array.length, _ -> new ConcurrentLinkedQueue<>()).add(array);
  }

  private static int rounded(int length) {
    int step = Math.max(SMALLEST, Integer.highestOneBit(Math.max(length, 1)) / STEPS);
    return Math.ceilDiv(length, step) * step;
  }
}
