package io.lazerofs.fetcher.lazy;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Finds out whether a blob is read sequentially, and how far ahead of the reader to fetch.
 *
 * <p>Two misses in neighbouring units begin a run: the next two units are fetched ahead. When the
 * reader enters what was fetched ahead, twice as much is fetched behind it, up to the policy's
 * limit. A miss anywhere else ends the run.
 *
 * <pre>{@code
 *      miss   miss    ahead: 2         ahead: 4
 * ── ┌──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┐
 *    │  u   │ u+1  │ u+2  │ u+3  │ u+4  │ u+5  │ u+6  │ u+7  │ ──
 *    └──────┴──────┴──────┴──────┴──────┴──────┴──────┴──────┘
 *                     ▲ a read here starts the fetch of u+4 to u+7
 * }</pre>
 *
 * <p>Safe for use by many threads; a read within a run costs one volatile load.
 */
final class ReadAhead {
  private static final Run NONE = new Run(ByteRange.EMPTY, ByteRange.EMPTY);

  /**
   * @param demanded the units of the last miss that was no part of a run
   * @param ahead what was fetched ahead last; empty before a run
   */
  private record Run(ByteRange demanded, ByteRange ahead) {}

  private final long size;
  private final FetchPolicy policy;
  private final AtomicReference<Run> current = new AtomicReference<>(NONE);

  /**
   * @param size bytes in the blob; nothing is fetched behind its end
   */
  ReadAhead(long size, FetchPolicy policy) {
    this.size = size;
    this.policy = policy;
  }

  /**
   * Takes note of a read that met present bytes only; returns what to fetch ahead now, often
   * nothing.
   */
  ByteRange onHit(long start, long end) {
    Run run = current.get();
    return run.ahead.overlaps(start, end) ? extend(run) : ByteRange.EMPTY;
  }

  /** Takes note of a read that met absent bytes; returns what to fetch ahead now, often nothing. */
  ByteRange onMiss(long start, long end) {
    Run run = current.get();
    if (run.ahead.overlaps(start, end)) {
      return extend(run);
    }
    ByteRange units = units(start, end);
    if (units.start() >= run.demanded.start() && units.end() <= run.demanded.end()) {
      return ByteRange.EMPTY;
    }
    boolean sequential = !run.demanded.isEmpty() && units.start() == run.demanded.end();
    long first = Math.min(2L * policy.unitBytes(), policy.readAheadBytes());
    return replace(run, units, sequential ? first : 0);
  }

  private ByteRange extend(Run run) {
    long bytes = Math.min(2 * run.ahead.length(), policy.readAheadBytes());
    return replace(run, run.ahead, Math.max(bytes, policy.unitBytes()));
  }

  private ByteRange replace(Run run, ByteRange demanded, long aheadBytes) {
    ByteRange ahead = new ByteRange(demanded.end(), Math.min(size, demanded.end() + aheadBytes));
    boolean first = current.compareAndSet(run, new Run(demanded, ahead));
    return first ? ahead : ByteRange.EMPTY;
  }

  private ByteRange units(long start, long end) {
    long mask = -(long) policy.unitBytes();
    return new ByteRange(start & mask, Math.min(size, (end + policy.unitBytes() - 1) & mask));
  }
}
