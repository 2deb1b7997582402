package io.lazerofs.fetcher.lazy;

import java.util.concurrent.atomic.LongAdder;

/** Counters of what was read and what had to be fetched for it. Safe for use by many threads. */
public final class FetchStatistics {
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder requests = new LongAdder();
  private final LongAdder failedRequests = new LongAdder();
  private final LongAdder fetchedBytes = new LongAdder();
  private final LongAdder pageCacheFallbacks = new LongAdder();
  private final LongAdder verificationFailures = new LongAdder();

  /** Makes counters that are all zero. */
  public FetchStatistics() {}

  /**
   * The counters at one time.
   *
   * @param hits reads whose bytes were all present and came from the cache's file; what is read
   *     from the memory of a sealed blob is not counted
   * @param misses reads that met an absent byte, each time they were tried
   * @param requests ranges asked of a {@link RangeReader}
   * @param failedRequests those of them that failed
   * @param fetchedBytes bytes that came, also with requests that failed later
   * @param pageCacheFallbacks reads that were to go past the page cache, and went through it since
   *     the file system of the cache refuses
   * @param verificationFailures blocks whose bytes were not those that the hash tree names, as they
   *     came or, after an unclean stop, as they were on disk
   */
  public record Snapshot(
      long hits,
      long misses,
      long requests,
      long failedRequests,
      long fetchedBytes,
      long pageCacheFallbacks,
      long verificationFailures) {}

  /** Returns the counters; each is exact when nothing runs. */
  public Snapshot snapshot() {
    return new Snapshot(
        hits.sum(),
        misses.sum(),
        requests.sum(),
        failedRequests.sum(),
        fetchedBytes.sum(),
        pageCacheFallbacks.sum(),
        verificationFailures.sum());
  }

  void hit() {
    hits.increment();
  }

  void miss() {
    misses.increment();
  }

  void request() {
    requests.increment();
  }

  void failedRequest() {
    failedRequests.increment();
  }

  void pageCacheFallback() {
    pageCacheFallbacks.increment();
  }

  void verificationFailures(int blocks) {
    verificationFailures.add(blocks);
  }

  void fetched(int bytes) {
    fetchedBytes.add(bytes);
  }
}
