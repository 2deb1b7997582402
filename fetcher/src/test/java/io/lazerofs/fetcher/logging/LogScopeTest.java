package io.lazerofs.fetcher.logging;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.source.Digest;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class LogScopeTest {
  private final Digest outerLayer = Digest.of(new byte[] {1});
  private final Digest innerLayer = Digest.of(new byte[] {2});

  @Test
  void whatLinesAreAboutIsWhatItWasBeforeOnceAScopeIsClosed() {
    try (LogScope outer = LogScope.layer(outerLayer, "registry.example/app:1")) {
      try (LogScope inner = LogScope.layer(innerLayer)) {
        assertThat(MDC.get(LogScope.LAYER)).isEqualTo(innerLayer.toString());
        assertThat(MDC.get(LogScope.IMAGE)).isEqualTo("registry.example/app:1");
      }
      assertThat(MDC.get(LogScope.LAYER)).isEqualTo(outerLayer.toString());
    }
    assertThat(MDC.get(LogScope.LAYER)).isNull();
    assertThat(MDC.get(LogScope.IMAGE)).isNull();
  }

  @Test
  void aKeyFromOutsideCannotEndItsLineNorFillTheLog() {
    try (LogScope scope = LogScope.snapshot("a\nERROR forged\t" + "x".repeat(1000))) {
      assertThat(MDC.get(LogScope.SNAPSHOT)).startsWith("a?ERROR forged?x").hasSizeLessThan(300);
    }
  }
}
