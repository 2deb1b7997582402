package io.lazerofs.erofs.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CompressionTest {
  @ParameterizedTest
  @CsvSource({
    "lz4, LZ4, 0",
    "lz4hc, LZ4HC, 9",
    "lz4hc:12, LZ4HC, 12",
    "zstd, ZSTD, 3",
    "zstd:22, ZSTD, 22",
    "deflate, DEFLATE, 6",
    "deflate:1, DEFLATE, 1",
    "lzma, LZMA, 6",
    "lzma:0, LZMA, 0"
  })
  void whatUsersWriteIsUnderstood(String text, Compression.Method method, int level) {
    assertThat(Compression.parse(text)).isEqualTo(new Compression(method, level));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "LZ4",
        "gzip",
        "lz4:1",
        "lz4hc:",
        "lz4hc:0",
        "lz4hc:13",
        "zstd:23",
        "zstd:-1",
        "deflate:0",
        "deflate:x",
        "lzma:10",
        "lzma:99999999999"
      })
  void allElseIsRefusedInOneLine(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.parse(text))
        .satisfies(e -> assertThat(e.getMessage()).isNotBlank().doesNotContain("\n"));
  }

  @Test
  void windowsCoverTheInputWithinTheKernelsLimits() {
    assertThat(Compression.zstdWindowLog(1)).isEqualTo(10);
    assertThat(Compression.zstdWindowLog(65_536)).isEqualTo(16);
    assertThat(Compression.zstdWindowLog(65_537)).isEqualTo(17);
    assertThat(Compression.zstdWindowLog(Integer.MAX_VALUE)).isEqualTo(20);
    assertThat(Compression.lzmaDictionary(1)).isEqualTo(4096);
    assertThat(Compression.lzmaDictionary(1 << 20)).isEqualTo(1 << 20);
    assertThat(Compression.lzmaDictionary(Integer.MAX_VALUE)).isEqualTo(8 << 20);
  }
}
