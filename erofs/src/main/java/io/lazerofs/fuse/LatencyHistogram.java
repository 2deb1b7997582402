package io.lazerofs.fuse;

import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * How many of something took how long, in buckets that double from a microsecond on. Taking note of
 * one makes no object, waits for nobody and costs two additions. Safe for use by many threads.
 */
final class LatencyHistogram {
  /** From 1 µs, to 2^26 µs or 67 s, and one for all that takes longer. */
  static final int BUCKETS = 28;

  private static final long NANOS_PER_MICRO = 1000;

  private final LongAdder[] buckets =
      Stream.generate(LongAdder::new).limit(BUCKETS).toArray(LongAdder[]::new);
  private final LongAdder nanos = new LongAdder();

  /** Takes note of one. */
  void add(long tookNanos) {
    buckets[bucket(tookNanos)].increment();
    nanos.add(tookNanos);
  }

  /** Returns the first bucket whose bound is not below a time. */
  static int bucket(long tookNanos) {
    long micros = (tookNanos + NANOS_PER_MICRO - 1) / NANOS_PER_MICRO;
    int doublings = micros <= 1 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(micros - 1);
    return Math.min(doublings, BUCKETS - 1);
  }

  /** Returns the longest time that a bucket but the last is for. */
  static long boundNanos(int bucket) {
    return NANOS_PER_MICRO << bucket;
  }

  /** Returns what was noted by now; exact when nothing runs. */
  RequestStatistics.Latency snapshot() {
    long[] counts = Stream.of(buckets).mapToLong(LongAdder::sum).toArray();
    return new RequestStatistics.Latency(counts, nanos.sum());
  }
}
