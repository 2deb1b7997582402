package io.lazerofs.source;

import org.jspecify.annotations.Nullable;

/**
 * Absent ranges that somebody will ask for soon, such as the inodes of a directory that was listed:
 * neighbours are joined, so that they are fetched together. For one thread.
 */
public final class AbsentRanges {
  /** How far apart two ranges may be to be fetched as one: a round trip costs more than this. */
  private static final long NEAR_BYTES = 128 << 10;

  /** How much is asked for at most. */
  static final long MOST_BYTES = 2 << 20;

  private @Nullable ByteSource source;
  private long start;
  private long end;
  private long asked;

  /** Adds what a read met. */
  public void add(AbsentException absent) {
    long from = absent.offset();
    long to = from + absent.length();
    boolean near =
        absent.source() == source && from <= end + NEAR_BYTES && to >= start - NEAR_BYTES;
    if (near && Math.max(end, to) - Math.min(start, from) <= MOST_BYTES - asked) {
      start = Math.min(start, from);
      end = Math.max(end, to);
    } else {
      prefetch();
      source = absent.source();
      start = from;
      end = to;
    }
  }

  /** Asks for what was added and not asked for yet, up to {@link #MOST_BYTES} in all. */
  public void prefetch() {
    if (source != null && end - start <= MOST_BYTES - asked) {
      asked += end - start;
      source.prefetch(start, end - start);
    }
    source = null;
  }
}
