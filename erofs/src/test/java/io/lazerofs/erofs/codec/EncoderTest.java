package io.lazerofs.erofs.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.disk.Algorithm;
import java.util.Arrays;
import java.util.List;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class EncoderTest {
  private static final long SEED = 42;

  static final List<String> COMPRESSIONS =
      List.of(
          "lz4",
          "lz4hc:1",
          "lz4hc",
          "lz4hc:12",
          "zstd:1",
          "zstd",
          "zstd:19",
          "deflate:1",
          "deflate",
          "lzma:0",
          "lzma");

  private static final int[] SIZES = {
    0, 1, 2, 4, 5, 11, 12, 13, 14, 20, 63, 64, 65, 255, 256, 270, 271, 4095, 4096, 4097, 65_535,
    65_536, 65_537, 70_000
  };

  private static final int[] LIMITS = {0, 1, 7, 13, 64, 100, 512, 4096, 65_536};

  private static final int LARGEST = 1 << 20;

  @ParameterizedTest
  @FieldSource("COMPRESSIONS")
  void whatFitsDecodesToTheInput(String name) throws CorruptStreamException {
    Compression compression = Compression.parse(name);
    try (Encoder encoder = compression.encoder(LARGEST)) {
      for (Contents shape : Contents.values()) {
        for (int size : SIZES) {
          byte[] input = shape.bytes(size, SEED);
          for (int limit : LIMITS) {
            check(compression, encoder, input, 0, size, limit);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @FieldSource("COMPRESSIONS")
  void longInputFillsTheLimit(String name) throws CorruptStreamException {
    Compression compression = Compression.parse(name);
    try (Encoder encoder = compression.encoder(LARGEST)) {
      for (Contents shape : List.of(Contents.TEXT, Contents.MIXED)) {
        byte[] input = shape.bytes(LARGEST, SEED);
        for (int limit : new int[] {4096, 65_536}) {
          Encoder.Fit fit = check(compression, encoder, input, 17, LARGEST - 3, limit);
          assertThat(fit.written()).as(shape + " " + limit).isBetween(limit * 15 / 16, limit);
        }
      }
    }
  }

  @ParameterizedTest
  @FieldSource("COMPRESSIONS")
  void whatCameBeforeDoesNotMatter(String name) {
    Compression compression = Compression.parse(name);
    byte[] first = new byte[4096];
    byte[] again = new byte[4096];
    try (Encoder used = compression.encoder(LARGEST)) {
      for (Contents shape : Contents.values()) {
        byte[] input = shape.bytes(70_000, SEED);
        Encoder.Fit usedFit = used.fit(input, 5, input.length, again, again.length);
        try (Encoder fresh = compression.encoder(LARGEST)) {
          assertThat(fresh.fit(input, 5, input.length, first, first.length)).isEqualTo(usedFit);
        }
        boolean same = Arrays.equals(first, 0, usedFit.written(), again, 0, usedFit.written());
        assertThat(same).as(shape.name()).isTrue();
      }
    }
  }

  @Test
  void zerosWithoutEndStillFit() throws CorruptStreamException {
    byte[] zeros = new byte[8 << 20];
    for (String name : List.of("lz4", "lz4hc", "zstd", "deflate", "lzma:0")) {
      Compression compression = Compression.parse(name);
      try (Encoder encoder = compression.encoder(zeros.length)) {
        Encoder.Fit fit = check(compression, encoder, zeros, 0, zeros.length, 4096);
        assertThat(fit.consumed()).as(name).isGreaterThan(4096 * 200);
      }
    }
  }

  /** Compresses, and checks all that holds for any input. */
  private static Encoder.Fit check(
      Compression compression, Encoder encoder, byte[] input, int start, int end, int limit)
      throws CorruptStreamException {
    byte[] output = new byte[limit + 8];
    Arrays.fill(output, (byte) 0x5a);
    Encoder.Fit fit = encoder.fit(input, start, end, output, limit);
    String what = "%s, %d bytes into %d: %s".formatted(compression, end - start, limit, fit);
    assertThat(fit.written()).as(what).isLessThanOrEqualTo(limit);
    assertThat(Arrays.copyOfRange(output, limit, limit + 8)).as(what).containsOnly(0x5a);
    assertThat(fit.consumed()).as(what).isBetween(0, end - start);
    if (fit.consumed() == 0) {
      assertThat(fit.written()).as(what).isZero();
      return fit;
    }
    assertThat(fit.consumed()).as(what).isGreaterThan(fit.written());
    byte[] expected = Arrays.copyOfRange(input, start, start + fit.consumed());
    byte[] decoded = new byte[fit.consumed()];
    Decoder.of(compression.algorithm())
        .decode(output, 0, fit.written(), decoded, fit.consumed(), false);
    assertThat(Arrays.equals(decoded, expected)).as(what).isTrue();
    if (compression.algorithm() == Algorithm.LZ4) {
      byte[] theirs =
          LZ4Factory.nativeInstance()
              .safeDecompressor()
              .decompress(output, 0, fit.written(), fit.consumed());
      assertThat(Arrays.equals(theirs, expected)).as(what).isTrue();
    }
    return fit;
  }
}
