package io.lazerofs.fetcher.trace;

import io.lazerofs.source.Digest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The order and the size of what is fetched ahead by a {@link Trace}.
 *
 * <p>A trace has many small ranges, and each request costs a round trip. So the ranges are taken in
 * windows of time; within one they are sorted by place, and neighbours become one step where the
 * gaps between them are small. The first window is short, for what is read first is waited for
 * first; each next one is twice as long, up to a limit. Within a window steps are in the order of
 * their earliest read.
 *
 * <pre>{@code
 * time     a1 b1 a2 │ a9 b2 a3 b3 a4 …          ranges of the layers a and b
 * window   first    │ second
 * steps    a1-a2 b1 │ a9 b2-b3 a3-a4 …
 * }</pre>
 *
 * <p>Gaps are closed smallest first, and take at most a tenth of the window's bytes: the whole plan
 * is at most 1.1 times what the trace names.
 */
final class PrefetchPlan {
  /** At 200 Mbit/s a window of this size is on the line for 40 ms. */
  static final long FIRST_WINDOW_BYTES = 1 << 20;

  private static final long LAST_WINDOW_BYTES = 16 << 20;

  /** What the line carries in a round trip of 20 ms at 200 Mbit/s, and no more. */
  static final long MAX_GAP_BYTES = 512 << 10;

  /** So that the connections share a long range, and real reads need not wait for all of it. */
  static final long MAX_STEP_BYTES = 4 << 20;

  private static final int GAP_SHARE = 10;

  /** What is fetched with one call. */
  record Step(Digest layer, long offset, long length) {}

  /** Neighbouring ranges of one layer; {@code order} is the place in time of the earliest. */
  private record Run(int layer, long start, long end, int order) {
    Run with(Run next) {
      return new Run(layer, start, Math.max(end, next.end), Math.min(order, next.order));
    }
  }

  private final Trace trace;
  private final List<Step> steps = new ArrayList<>();
  private long left;

  private PrefetchPlan(Trace trace, long maxBytes) {
    this.trace = trace;
    this.left = maxBytes;
  }

  /**
   * Returns the steps in their order.
   *
   * @param maxBytes the sum of their lengths at most
   */
  static List<Step> of(Trace trace, long maxBytes) {
    PrefetchPlan plan = new PrefetchPlan(trace, maxBytes);
    List<Run> window = new ArrayList<>();
    long windowBytes = FIRST_WINDOW_BYTES;
    long bytes = 0;
    for (Trace.Range range : trace.ranges()) {
      window.add(
          new Run(range.layer(), range.offset(), range.offset() + range.length(), window.size()));
      bytes += range.length();
      if (bytes >= windowBytes) {
        plan.add(window);
        window.clear();
        bytes = 0;
        windowBytes = Math.min(2 * windowBytes, LAST_WINDOW_BYTES);
      }
    }
    plan.add(window);
    return plan.steps;
  }

  private void add(List<Run> window) {
    List<Run> runs = closeGaps(joined(window));
    runs.sort(Comparator.comparingInt(Run::order));
    for (Run run : runs) {
      for (long at = run.start; at < run.end && left > 0; ) {
        long length = Math.min(Math.min(run.end - at, MAX_STEP_BYTES), left);
        steps.add(new Step(trace.layers().get(run.layer), at, length));
        at += length;
        left -= length;
      }
    }
  }

  /** Returns the runs by place, with those that touch or overlap made one. */
  private static List<Run> joined(List<Run> window) {
    List<Run> sorted = new ArrayList<>(window);
    sorted.sort(Comparator.comparingInt(Run::layer).thenComparingLong(Run::start));
    List<Run> joined = new ArrayList<>();
    for (Run run : sorted) {
      Run last = joined.isEmpty() ? run : joined.getLast();
      if (!joined.isEmpty() && last.layer == run.layer && run.start <= last.end) {
        joined.set(joined.size() - 1, last.with(run));
      } else {
        joined.add(run);
      }
    }
    return joined;
  }

  private static List<Run> closeGaps(List<Run> runs) {
    long gap = largestGap(runs);
    List<Run> closed = new ArrayList<>();
    for (Run run : runs) {
      Run last = closed.isEmpty() ? run : closed.getLast();
      if (!closed.isEmpty() && last.layer == run.layer && run.start - last.end <= gap) {
        closed.set(closed.size() - 1, last.with(run));
      } else {
        closed.add(run);
      }
    }
    return closed;
  }

  /** Returns up to which size all gaps can be closed. */
  private static long largestGap(List<Run> runs) {
    long allowance = runs.stream().mapToLong(run -> run.end - run.start).sum() / GAP_SHARE;
    List<Long> gaps = new ArrayList<>();
    for (int i = 1; i < runs.size(); i++) {
      if (runs.get(i).layer == runs.get(i - 1).layer) {
        gaps.add(runs.get(i).start - runs.get(i - 1).end);
      }
    }
    gaps.sort(Comparator.naturalOrder());
    long largest = 0;
    for (int i = 0; i < gaps.size(); ) {
      // All gaps of one size or none: who closes them knows no more than the size.
      int end = i;
      long size = gaps.get(i);
      while (end < gaps.size() && gaps.get(end) == size) {
        end++;
      }
      allowance -= size * (end - i);
      if (allowance < 0 || size > MAX_GAP_BYTES) {
        return largest;
      }
      largest = size;
      i = end;
    }
    return largest;
  }
}
