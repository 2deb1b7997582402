package io.lazerofs.it.dio;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What was compared, counted. Safe for use by many threads. */
public final class Tally {
  private static final int MOST_DISAGREEMENTS = 100;

  private final SortedMap<String, SortedMap<String, Long>> kinds = new TreeMap<>();
  private final SortedMap<KnownDifference, Long> differences = new TreeMap<>();
  private final List<String> disagreements = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private int images;
  private long calls;
  private long wrong;

  synchronized void image() {
    images++;
  }

  /** Counts an image that the kernel does not mount. */
  synchronized void refused(String image) {
    refused.add(image);
  }

  /**
   * Counts a call.
   *
   * @param where what makes it again: image and seed
   */
  synchronized void add(String where, ReadCall call, Verdict verdict) {
    calls++;
    String outcome =
        switch (verdict) {
          case Verdict.Same(Answer both) -> both.outcome(call);
          case Verdict.Known(KnownDifference difference) -> {
            differences.merge(difference, 1L, Long::sum);
            yield difference.name();
          }
          case Verdict.Wrong(Answer kernel, Answer ours, boolean _, String text) -> {
            if (wrong++ < MOST_DISAGREEMENTS) {
              String both = "the kernel: %s, lazerofs: %s".formatted(kernel, ours);
              disagreements.add("%s: %s: %s (%s)".formatted(where, call, text, both));
            }
            yield "DISAGREEMENT";
          }
        };
    String kind =
        "%-8s %-6s %s"
            .formatted(
                call.direct() ? "direct" : "buffered",
                call.vectored() ? "preadv" : "pread",
                call.overlay() ? "overlayfs" : "mount");
    kinds.computeIfAbsent(kind, _ -> new TreeMap<>()).merge(outcome, 1L, Long::sum);
  }

  /** Returns the number of images that were compared. */
  public synchronized int images() {
    return images;
  }

  /** Returns the number of calls, each made on both sides. */
  public synchronized long calls() {
    return calls;
  }

  /** Returns what is wrong, in words; the first hundred. */
  public synchronized List<String> disagreements() {
    return List.copyOf(disagreements);
  }

  /** Returns the names of the differences that no call has met: their entries may be stale. */
  public synchronized List<String> unmetDifferences() {
    return Arrays.stream(KnownDifference.values())
        .filter(difference -> !differences.containsKey(difference))
        .map(KnownDifference::name)
        .toList();
  }

  /** Returns all that was counted, as tables. */
  public synchronized String table() {
    SortedSet<String> outcomes = new TreeSet<>();
    kinds.values().forEach(counts -> outcomes.addAll(counts.keySet()));
    StringBuilder text = new StringBuilder("%-26s".formatted("calls"));
    outcomes.forEach(outcome -> text.append("  ").append(outcome));
    text.append('\n');
    kinds.forEach((kind, counts) -> {
      text.append("%-26s".formatted(kind));
      for (String outcome : outcomes) {
        text.append(("  %" + outcome.length() + "d").formatted(counts.getOrDefault(outcome, 0L)));
      }
      text.append('\n');
    });
    for (KnownDifference difference : KnownDifference.values()) {
      text.append(
          "%8d %s: %s%n"
              .formatted(
                  differences.getOrDefault(difference, 0L), difference, difference.reason()));
    }
    text.append("%8d disagreements in %d calls on %d images%n".formatted(wrong, calls, images));
    if (!refused.isEmpty()) {
      text.append("not mounted by this kernel: ").append(String.join(", ", refused)).append('\n');
    }
    return text.toString();
  }
}
