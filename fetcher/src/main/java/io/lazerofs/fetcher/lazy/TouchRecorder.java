package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.source.Digest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps what was read first of each blob that it is to record, in one order of time for all of
 * them: the first reads of a container, whichever layer they met.
 *
 * <p>What counts is what readers asked for, not what was fetched along with it. A blob is recorded
 * once for all who have it open, and forgotten when the last of them closes it. Safe for use by
 * many threads at once.
 */
public final class TouchRecorder {

  /**
   * How much is recorded of one blob; it ends with what is reached first.
   *
   * @param ranges the most ranges
   * @param bytes the most bytes
   * @param window the time from the first read on
   */
  public record Limits(int ranges, long bytes, Duration window) {
    private static final int RANGES = 1 << 16;
    private static final Duration WINDOW = Duration.ofMinutes(2);

    /** Returns the limits for a number of bytes: 65,536 ranges, and two minutes. */
    public static Limits ofBytes(long bytes) {
      return new Limits(RANGES, bytes, WINDOW);
    }
  }

  private final Limits limits;
  private final LongSupplier nanoTime;
  private final AtomicLong order = new AtomicLong();
  private final ConcurrentMap<Digest, Recorded> blobs = new ConcurrentHashMap<>();

  /** What is noted of a blob, and how many users it has; replaced under its key's lock. */
  private record Recorded(Touches touches, int users) {}

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public TouchRecorder(Limits limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
  }

  /** Begins to record a blob, or goes on with it for one more user. */
  Touches begin(Digest blob, long size) {
    return blobs.compute(
            blob,
            (digest, recorded) ->
                recorded == null
                    ? new Recorded(new Touches(this, size, () -> end(blob)), 1)
                    : new Recorded(recorded.touches, recorded.users + 1))
        .touches;
  }

  private void end(Digest blob) {
    blobs.computeIfPresent(
        blob,
        (digest, recorded) ->
            recorded.users == 1 ? null : new Recorded(recorded.touches, recorded.users - 1));
  }

  /**
   * Returns what was read of some blobs, in the order of time; nothing of those that are not
   * recorded.
   *
   * @param most how many ranges at most, the first ones
   */
  public List<Touch> touches(Collection<Digest> wanted, int most) {
    record Placed(long order, Touch touch) {}
    List<Placed> placed = new ArrayList<>();
    for (Digest blob : new LinkedHashSet<>(wanted)) {
      Recorded recorded = blobs.get(blob);
      if (recorded != null) {
        recorded.touches.forEach(entry ->
            placed.add(
                new Placed(
                    entry.order(),
                    new Touch(
                        blob,
                        entry.first() * CachedBlob.BLOCK_BYTES,
                        (entry.end() - entry.first()) * CachedBlob.BLOCK_BYTES))));
      }
    }
    return placed.stream()
        .sorted(Comparator.comparingLong(Placed::order))
        .limit(most)
        .map(Placed::touch)
        .toList();
  }

  Limits limits() {
    return limits;
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  /** Returns the place in the order that was given last. */
  long order() {
    return order.get();
  }

  /** Returns the next place in the order. */
  long nextOrder() {
    return order.incrementAndGet();
  }
}
