package io.lazerofs.fetcher.lazy;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What lies around the first misses of a blob: what a container that starts comes to next, since
 * files that are installed together are used together, and lie side by side.
 *
 * <p>A start that no trace describes reads in a hundred places, one after the other, and waits a
 * round trip for each. Half a mebibyte around each takes a line of 200 Mbit/s as long as the round
 * trip of 20 ms in which it would have carried nothing. It ends after so many misses, because one
 * who still reads here and there then has no place that he comes back to: a database.
 *
 * <p>Safe for use by many threads.
 */
final class Surroundings {
  /** How much is fetched, at its natural alignment, bytes. */
  static final long BYTES = 512 << 10;

  /** How many misses have surroundings: at most 64 MiB of a blob are fetched with them. */
  static final int MISSES = 128;

  private final long end;
  private final AtomicInteger left = new AtomicInteger();

  /**
   * @param end where the data of the blob ends, and its hash tree may begin; in bytes
   */
  Surroundings(long end) {
    this.end = end;
  }

  /** Gives surroundings to the next misses. */
  void begin() {
    left.set(MISSES);
  }

  /** Returns what to fetch beside a range that was missed, which it contains; often nothing. */
  ByteRange of(ByteRange miss) {
    // First a look without a write: of a blob that is long in use all readers come here.
    if (left.get() <= 0 || miss.end() > end || left.getAndDecrement() <= 0) {
      return ByteRange.EMPTY;
    }
    long start = miss.start() & -BYTES;
    return new ByteRange(start, Math.min(end, (miss.end() + BYTES - 1) & -BYTES));
  }
}
