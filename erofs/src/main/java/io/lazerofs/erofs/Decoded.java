package io.lazerofs.erofs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The first bytes of a decoded pcluster, in an array that goes back to its pool when nobody uses
 * them any more: neither the cache nor a reader.
 *
 * <p>Safe for use by many threads at once, once its bytes are there. Whoever made it holds the
 * first reference.
 */
final class Decoded {
  private final ArrayPool pool;
  private final byte[] array;
  private final int length;
  private final AtomicInteger references = new AtomicInteger(1);

  /**
   * @param pool gives the array, and takes it back
   * @param length bytes that it is to hold
   */
  Decoded(ArrayPool pool, int length) {
    this.pool = pool;
    this.array = pool.take(length);
    this.length = length;
  }

  /** Returns the memory to fill, before anybody else knows of it; it begins with the pcluster. */
  byte[] array() {
    return array;
  }

  /** Returns the number of bytes. */
  int length() {
    return length;
  }

  /** Returns the bytes of memory that it takes. */
  int capacity() {
    return array.length;
  }

  /** Copies bytes from {@code from} on. The caller holds a reference. */
  void copy(int from, MemorySegment destination) {
    int count = (int) destination.byteSize();
    MemorySegment.copy(array, from, destination, ValueLayout.JAVA_BYTE, 0, count);
  }

  /**
   * Adds references.
   *
   * @return false when the last one is gone already, and the array with it
   */
  boolean acquire(int count) {
    int before = references.getAndUpdate(now -> now == 0 ? 0 : now + count);
    return before > 0;
  }

  /** Gives up a reference, after which the caller does not use the bytes. */
  void release() {
    if (references.decrementAndGet() == 0) {
      pool.give(array);
    }
  }
}
