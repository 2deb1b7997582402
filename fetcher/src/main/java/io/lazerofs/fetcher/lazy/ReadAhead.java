package io.lazerofs.fetcher.lazy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Finds out where a blob is read in order, and how far ahead of each reader to fetch.
 *
 * <p>Two misses in neighbouring units begin a run: the next two units are fetched ahead. When the
 * reader enters what was fetched ahead, twice as much is fetched behind it: up to one long request
 * for any reader, and up to the policy's limit for one that waits for its bytes, that is, reads
 * faster than they come. Reads may skip forward by half of what was fetched ahead last, those that
 * miss by all of it, and come out of their order, as those of a kernel do that has several under
 * way.
 *
 * <pre>{@code
 *      miss   miss    ahead: 2         ahead: 4
 * ── ┌──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┐
 *    │  u   │ u+1  │ u+2  │ u+3  │ u+4  │ u+5  │ u+6  │ u+7  │ ──
 *    └──────┴──────┴──────┴──────┴──────┴──────┴──────┴──────┘
 *                     ▲ a read here starts the fetch of u+4 to u+7
 * }</pre>
 *
 * <p>As many runs as {@link #RUNS} are followed at once, since readers of several files interleave;
 * a new one takes the place of that which took its last step first. When a run stops, what was
 * fetched ahead of it is all that was fetched in vain.
 *
 * <p>Safe for use by many threads; a read of present bytes takes no lock and makes no object unless
 * it makes a run go on.
 */
final class ReadAhead {
  /** How many runs are followed. */
  static final int RUNS = 8;

  /** How many misses that were in no run are remembered: the next one may lie behind any. */
  private static final int MISSES = 4;

  /** How far reads may skip forward whatever is ahead. */
  private static final int NEAR_UNITS = 4;

  private final long size;
  private final FetchPolicy policy;
  private final long near;
  private final Deque<ByteRange> misses = new ArrayDeque<>();

  /** The last that went on is the first; replaced, not changed. */
  private volatile List<Run> runs = List.of();

  /** A reader that goes through the blob in order. */
  private static final class Run {
    /** What was fetched ahead last. */
    final ByteRange ahead;

    /** Where the foremost read ended; two reads at once may lose the lesser's step or the other. */
    volatile long position;

    Run(ByteRange ahead, long position) {
      this.ahead = ahead;
      this.position = position;
    }

    /**
     * Goes on if a read is in order; returns whether it entered what was fetched ahead.
     *
     * @param reach how far it may skip forward
     */
    boolean follow(long start, long end, long reach) {
      long reached = position;
      if (start > reached + reach || end < reached - ahead.length()) {
        return false;
      }
      if (end > reached) {
        position = end;
      }
      return end > ahead.start();
    }

    /** Whether a miss is in what was fetched before that and may still be on its way. */
    boolean isRepeatedBy(ByteRange units) {
      return units.start() >= ahead.start() - ahead.length() && units.end() <= ahead.start();
    }
  }

  /**
   * @param size bytes in the blob; nothing is fetched behind its end
   */
  ReadAhead(long size, FetchPolicy policy) {
    this.size = size;
    this.policy = policy;
    this.near = (long) NEAR_UNITS * policy.unitBytes();
  }

  /**
   * Takes note of a read that met present bytes only; returns what to fetch ahead now, often
   * nothing.
   */
  ByteRange onHit(long start, long end) {
    List<Run> known = runs;
    for (int i = 0; i < known.size(); i++) {
      Run run = known.get(i);
      if (run.follow(start, end, Math.max(near, run.ahead.length() / 2))) {
        return goOn(run, end, false);
      }
    }
    return ByteRange.EMPTY;
  }

  /** Takes note of a read that met absent bytes; returns what to fetch ahead now, often nothing. */
  synchronized ByteRange onMiss(long start, long end) {
    for (Run run : runs) {
      if (run.follow(start, end, Math.max(near, run.ahead.length()))) {
        return goOn(run, end, true);
      }
    }
    ByteRange units = units(start, end);
    for (Run run : runs) {
      if (run.isRepeatedBy(units)) {
        return ByteRange.EMPTY;
      }
    }
    for (ByteRange miss : misses) {
      if (units.start() >= miss.start() && units.end() <= miss.end()) {
        return ByteRange.EMPTY;
      }
    }
    if (misses.removeIf(miss -> miss.end() == units.start())) {
      return begin(units.end(), Math.min(2L * policy.unitBytes(), policy.readAheadBytes()));
    }
    if (misses.size() == MISSES) {
      misses.removeLast();
    }
    misses.addFirst(units);
    return ByteRange.EMPTY;
  }

  private ByteRange begin(long from, long length) {
    ByteRange ahead = new ByteRange(from, Math.min(size, from + length));
    List<Run> now = new ArrayList<>(runs);
    if (now.size() == RUNS) {
      now.removeLast();
    }
    return put(now, ahead, from);
  }

  private synchronized ByteRange goOn(Run run, long end, boolean waited) {
    List<Run> now = new ArrayList<>(runs);
    if (!now.remove(run)) {
      // Another reader made it go on.
      return ByteRange.EMPTY;
    }
    // One long read may take more than all that was fetched ahead.
    long behind = Math.max(run.ahead.end(), wholeUnits(end));
    long most = waited ? policy.readAheadBytes() : policy.requestBytes();
    long length = Math.max(run.ahead.length(), Math.min(2 * run.ahead.length(), most));
    length = Math.min(wholeUnits(length), policy.readAheadBytes());
    return put(now, new ByteRange(behind, Math.min(size, behind + length)), end);
  }

  /** Puts a run first; one without anything ahead, at the end of the blob, is over. */
  private ByteRange put(List<Run> others, ByteRange ahead, long position) {
    if (!ahead.isEmpty()) {
      others.addFirst(new Run(ahead, position));
    }
    runs = List.copyOf(others);
    return ahead.isEmpty() ? ByteRange.EMPTY : ahead;
  }

  private ByteRange units(long start, long end) {
    return new ByteRange(start & -(long) policy.unitBytes(), Math.min(size, wholeUnits(end)));
  }

  private long wholeUnits(long bytes) {
    return (bytes + policy.unitBytes() - 1) & -(long) policy.unitBytes();
  }
}
