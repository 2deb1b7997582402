package io.lazerofs.fuse;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Counters of what the kernel asked of a session, taken where the replies are sent: whatever the
 * bytes came from is in them. The kernel's own page cache answers most reads of a container; those
 * are not seen here. Safe for use by many threads.
 *
 * <p>A READ costs two looks at the clock and three additions, and makes no object.
 */
public final class RequestStatistics {
  private final LongSupplier nanoTime;
  private final LatencyHistogram hits = new LatencyHistogram();
  private final LatencyHistogram misses = new LatencyHistogram();
  private final LongAdder hitBytes = new LongAdder();
  private final LongAdder missBytes = new LongAdder();
  private final ConcurrentMap<Errno, LongAdder> readErrors = new ConcurrentHashMap<>();
  private final LongAdder metadataErrors = new LongAdder();

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  RequestStatistics(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * The counters at one time.
   *
   * @param hits READs that were answered at once: all their bytes were on this machine
   * @param misses READs that were answered after they had waited for absent bytes
   * @param hitBytes bytes in the answers to {@code hits}
   * @param missBytes bytes in the answers to {@code misses}
   * @param readErrors READs that ended in an errno, by its name
   * @param metadataErrors other requests that ended in EIO
   */
  public record Snapshot(
      Latency hits,
      Latency misses,
      long hitBytes,
      long missBytes,
      Map<String, Long> readErrors,
      long metadataErrors) {
    /** What a session says that has answered nothing. */
    public static final Snapshot NONE = new RequestStatistics(() -> 0).snapshot();

    public Snapshot {
      readErrors = Map.copyOf(readErrors);
    }

    /** Returns how many READs ended in an errno. */
    public long errors() {
      return readErrors.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /**
   * Times that answers took, from when the request was read to when the reply was sent.
   *
   * @param counts how many took no longer than the bound of each bucket, and longer than that of
   *     the one before; the last bucket has no bound
   * @param nanos the sum of all times
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Latency(long[] counts, long nanos) {

    /** Returns how many there were. */
    public long count() {
      return LongStream.of(counts).sum();
    }

    /** Returns the bounds of all buckets but the last, nanoseconds. */
    public static long[] boundsNanos() {
      return IntStream.range(0, LatencyHistogram.BUCKETS - 1)
          .mapToLong(LatencyHistogram::boundNanos)
          .toArray();
    }
  }

  /** Returns the counters; each is exact when nothing runs. */
  public Snapshot snapshot() {
    Map<String, Long> errors = new TreeMap<>();
    readErrors.forEach((errno, count) -> errors.put(errno.name(), count.sum()));
    return new Snapshot(
        hits.snapshot(),
        misses.snapshot(),
        hitBytes.sum(),
        missBytes.sum(),
        errors,
        metadataErrors.sum());
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  /** Counts a READ that was answered at once. */
  void hit(long askedNanos, int bytes) {
    hits.add(nanoTime() - askedNanos);
    hitBytes.add(bytes);
  }

  /** Counts a READ that was answered after it had waited for absent bytes. */
  void miss(long askedNanos, int bytes) {
    misses.add(nanoTime() - askedNanos);
    missBytes.add(bytes);
  }

  /** Counts a request that ends in an errno, if that is not just an answer. */
  void failed(boolean isRead, Errno errno) {
    if (isRead) {
      readErrors.computeIfAbsent(errno, first -> new LongAdder()).increment();
    } else if (errno == Errno.EIO) {
      metadataErrors.increment();
    }
  }
}
