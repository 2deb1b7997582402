package io.lazerofs.erofs.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XattrNameFilterTest {

  /** Values that the xxHash specification's reference implementation gives for seed 0. */
  @ParameterizedTest
  @CsvSource({
    "'', 02cc5d05",
    "a, 550d7456",
    "abc, 32d153ff",
    "Nobody inspects the spammish repetition, e2293b2f"
  })
  void hashIsXxh32(String text, String hash) {
    assertThat(XattrNameFilter.xxh32(text.getBytes(StandardCharsets.US_ASCII), 0, 0))
        .isEqualTo(Integer.parseUnsignedInt(hash, 16));
  }
}
