package io.lazerofs.fetcher.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.lazy.Touch;
import io.lazerofs.source.Digest;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceFormatTest {
  private static final Digest IMAGE = Digest.of(new byte[] {0});
  private static final Digest BASE = Digest.of(new byte[] {1});
  private static final Digest TOP = Digest.of(new byte[] {2});

  @Test
  void aTraceIsTheSameAfterItWasWrittenAndRead() throws InvalidTraceException {
    Trace trace =
        Trace.of(
            IMAGE,
            List.of(BASE, TOP),
            List.of(new Touch(TOP, 8192, 4096), new Touch(BASE, 0, 131072)));
    String json = new String(TraceFormat.encode(trace), UTF_8);
    assertThat(json)
        .isEqualTo(
            "{\"version\":1,\"image\":\"%s\",\"layers\":[\"%s\",\"%s\"],\"ranges\":[[1,8192,4096],[0,0,131072]]}"
                .formatted(IMAGE, BASE, TOP));
    assertThat(TraceFormat.decode(json.getBytes(UTF_8))).isEqualTo(trace);
    assertThat(trace.bytes()).isEqualTo(135168);
  }

  @Test
  void aLayerThatAnImageHasTwiceIsOneLayerOfItsTrace() {
    Trace trace = Trace.of(IMAGE, List.of(BASE, TOP, BASE), List.of(new Touch(BASE, 0, 4096)));
    assertThat(trace.layers()).containsExactly(BASE, TOP);
    assertThat(trace.ranges()).containsExactly(new Trace.Range(0, 0, 4096));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"version\": 1",
        "{\"version\": 2, \"image\": IMAGE, \"layers\": [], \"ranges\": []}",
        "{\"image\": IMAGE, \"layers\": [], \"ranges\": []}",
        "{\"version\": 1, \"image\": \"latest\", \"layers\": [], \"ranges\": []}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [7], \"ranges\": []}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [IMAGE]}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [IMAGE], \"ranges\": [[0, 0]]}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [IMAGE], \"ranges\": [[0, 0, 0]]}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [IMAGE], \"ranges\": [[0, -1, 5]]}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [IMAGE], \"ranges\": [[1, 0, 5]]}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [IMAGE], \"ranges\": [[4294967296, 0, 5]]}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [IMAGE], \"ranges\": [[0, 1.5, 5]]}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [IMAGE],"
            + " \"ranges\": [[0, 1099511627775, 2]]}",
        "{\"version\": 1, \"image\": IMAGE, \"layers\": [IMAGE],"
            + " \"ranges\": [[0, 1, 9223372036854775807]]}",
      })
  void whatIsNoTraceIsRefused(String json) {
    byte[] bytes = json.replace("IMAGE", "\"" + IMAGE + "\"").getBytes(UTF_8);
    assertThatThrownBy(() -> TraceFormat.decode(bytes))
        .isInstanceOf(InvalidTraceException.class)
        .hasMessageStartingWith("not a trace: ");
  }

  @Test
  void nestingIsBoundedAlsoWhereNothingIsRead() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    String json =
        "{\"version\":1,\"image\":\"%s\",\"layers\":[],\"ranges\":[],\"future\":%s}"
            .formatted(IMAGE, deep);
    assertThatThrownBy(() -> TraceFormat.decode(json.getBytes(UTF_8)))
        .isInstanceOf(InvalidTraceException.class);
  }

  @Test
  void aTraceOfTooManyRangesOrLayersIsRefused() {
    String many = "[0,0,1],".repeat(Trace.MAX_RANGES) + "[0,0,1]";
    String json =
        "{\"version\":1,\"image\":\"%s\",\"layers\":[\"%s\"],\"ranges\":[%s]}"
            .formatted(IMAGE, BASE, many);
    assertThatThrownBy(() -> TraceFormat.decode(json.getBytes(UTF_8)))
        .isInstanceOf(InvalidTraceException.class);
    assertThatThrownBy(
            () -> new Trace(IMAGE, Collections.nCopies(Trace.MAX_LAYERS + 1, BASE), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
