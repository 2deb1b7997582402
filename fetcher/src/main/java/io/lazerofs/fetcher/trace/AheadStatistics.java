package io.lazerofs.fetcher.trace;

import java.util.concurrent.atomic.LongAdder;

/** Counters of what was fetched before anybody asked for it. Safe for use by many threads. */
public final class AheadStatistics {
  private final LongAdder prefetchedBytes = new LongAdder();
  private final LongAdder backgroundBytes = new LongAdder();
  private final LongAdder failures = new LongAdder();

  /** Makes counters that are all zero. */
  public AheadStatistics() {}

  /** Counts bytes that were fetched for a container that starts. */
  public void prefetched(long bytes) {
    prefetchedBytes.add(bytes);
  }

  /** Counts bytes that completed a blob while nobody read. */
  public void completed(long bytes) {
    backgroundBytes.add(bytes);
  }

  /** Counts a range that could not be fetched ahead. */
  public void failed() {
    failures.increment();
  }

  /** Returns the bytes that were fetched for containers that start. */
  public long prefetchedBytes() {
    return prefetchedBytes.sum();
  }

  /** Returns the bytes that completed blobs while nobody read. */
  public long backgroundBytes() {
    return backgroundBytes.sum();
  }

  /** Returns how many ranges could not be fetched ahead. */
  public long failures() {
    return failures.sum();
  }
}
