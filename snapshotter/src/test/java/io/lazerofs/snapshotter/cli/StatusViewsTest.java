package io.lazerofs.snapshotter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusViewsTest {
  private static final StatisticsResponse STATISTICS =
      StatisticsResponse.newBuilder()
          .setPid(17)
          .setVersion("1.2")
          .setUptimeSeconds(3723)
          .setLayers(3)
          .setPresentBytes(1000)
          .setTotalBytes(4_000_000)
          .setReaders(2)
          .setErrors(1)
          .setPrefetchFailures(4)
          .putFallbacks("refused", 5)
          .putSources("b.example", "ok")
          .putSources("a.example", "failing: no answer")
          .build();

  @Test
  void peopleAreToldWhatIsServedAndWhatIsWrong() {
    assertThat(StatusText.of(STATISTICS).lines())
        .containsSequence(
            "snapshotter   version 1.2, process 17, up 1 h 2 min",
            "fetched       0 B in 0 requests",
            "layers        3 mounted, 1.0 kB of their 4.0 MB are here",
            "reads         2 under way, 1 ended in an error")
        .containsSequence(
            "not ahead     4 ranges could not be fetched",
            "not lazily    5: refused",
            "source        a.example: failing: no answer",
            "source        b.example: ok");
  }

  @Test
  void programsAreToldUnderNamesThatStay() throws Exception {
    JsonNode json = new ObjectMapper().readTree(StatusJson.of(STATISTICS));

    assertThat(json.fieldNames())
        .toIterable()
        .contains(
            "pid",
            "version",
            "bytes_fetched",
            "requests",
            "layers",
            "page_cache_fallbacks",
            "verification_failures",
            "unverified_layers",
            "prefetched_bytes",
            "background_bytes",
            "cache_bytes",
            "cache_max_bytes",
            "evicted_bytes",
            "pass_through_bytes",
            "retries",
            "fallbacks",
            "sources",
            "uptime_seconds",
            "present_bytes",
            "total_bytes",
            "readers",
            "errors",
            "prefetch_failures");
    assertThat(json.required("errors").longValue()).isEqualTo(1);
    assertThat(json.required("sources").required("a.example").textValue()).startsWith("failing");
  }

  @ParameterizedTest
  @CsvSource({"59, 59 s", "60, 1 min 0 s", "3600, 1 h 0 min", "97200, 1 d 3 h"})
  void aTimeIsSaidInItsTwoLargestUnits(long seconds, String words) {
    assertThat(StatusText.inWords(Duration.ofSeconds(seconds))).isEqualTo(words);
  }
}
