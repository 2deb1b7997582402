package io.lazerofs.snapshotter.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void whatCanBeShownIsShownAsItIs() {
    assertThat(Printable.of("default/1/sha256:abc é 牛")).isEqualTo("default/1/sha256:abc é 牛");
  }

  @Test
  void nothingBeginsALineOrDrivesATerminal() {
    assertThat(Printable.of("a\nERROR b\r\0\033[2J"))
        .isEqualTo("a\\u000aERROR b\\u000d\\u0000\\u001b[2J");
  }

  @Test
  void aLongTextIsCutAndSaysHowLongItWas() {
    assertThat(Printable.of("x".repeat(10_000)))
        .hasSizeLessThan(1000)
        .endsWith("… (10000 characters)");
  }
}
