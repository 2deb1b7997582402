package io.lazerofs.snapshotter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fuse.RequestStatistics.Latency;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpositionTest {
  private final Exposition page = new Exposition();

  @Test
  void aCounterHasItsHelpItsTypeAndItsValue() {
    page.counter("lazerofs_fills_total", "Ranges.", 17);

    assertThat(page.toString())
        .isEqualTo(
            """
            # HELP lazerofs_fills_total Ranges.
            # TYPE lazerofs_fills_total counter
            lazerofs_fills_total 17
            """);
  }

  @Test
  void whatALabelHoldsCannotLeaveIt() {
    page.counters("x_total", "X.", "reason", Map.of("a\"b\\c\nd", 1L));

    assertThat(page.toString()).contains("x_total{reason=\"a\\\"b\\\\c\\nd\"} 1\n");
  }

  @Test
  void bucketsCountAllThatIsBelowThemAndTheLastCountsAll() {
    long[] counts = new long[Latency.boundsNanos().length + 1];
    counts[0] = 3;
    counts[2] = 4;
    counts[counts.length - 1] = 5;
    page.latencies("t", "T.", "result", Map.of("hit", new Latency(counts, 2_500_000_000L)));

    assertThat(page.toString())
        .contains("# TYPE t histogram\n")
        .contains("t_bucket{result=\"hit\",le=\"0.000001\"} 3\n")
        .contains("t_bucket{result=\"hit\",le=\"0.000002\"} 3\n")
        .contains("t_bucket{result=\"hit\",le=\"0.000004\"} 7\n")
        .contains("t_bucket{result=\"hit\",le=\"67.108864\"} 7\n")
        .contains("t_bucket{result=\"hit\",le=\"+Inf\"} 12\n")
        .contains("t_sum{result=\"hit\"} 2.500000\n")
        .contains("t_count{result=\"hit\"} 12\n");
  }
}
