package io.lazerofs.snapshotter.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NameTextTest {
  private static final long SEED = 20_260_102;

  @Test
  void textIsShownAndAllElseIsEscaped() {
    assertThat(NameText.of("plain ä 日本 😀".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("plain ä 日本 😀");
    assertThat(NameText.of(new byte[] {'a', '\n', 0x1b, 0x7f, '\\', (byte) 0xff, (byte) 0xc3}))
        .isEqualTo("a\\x0a\\x1b\\x7f\\\\\\xff\\xc3");
    assertThat(NameText.of("\u202e\u2028".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("\\xe2\\x80\\xae\\xe2\\x80\\xa8");
  }

  @Test
  void whateverIsShownCanBeReadBack() {
    Random random = new Random(SEED);
    for (int i = 0; i < 2000; i++) {
      byte[] name = new byte[random.nextInt(20)];
      random.nextBytes(name);
      assertThat(NameText.parse(NameText.of(name)))
          .as("seed %d, round %d", SEED, i)
          .isEqualTo(name);
    }
  }
}
