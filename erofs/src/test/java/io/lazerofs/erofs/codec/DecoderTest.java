package io.lazerofs.erofs.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.ZstdCompressCtx;
import io.lazerofs.erofs.disk.Algorithm;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DecoderTest {
  private static final long SEED = 7;

  /** Bytes around a stream and what it is decoded to, which must stay as they are. */
  private static final int GUARD = 24;

  private static final byte GUARD_BYTE = 0x6b;

  /** One stream and what it holds. */
  private record Sample(Algorithm algorithm, byte[] stream, byte[] content) {
    static Sample of(Algorithm algorithm, Contents shape, int length) {
      byte[] content = shape.bytes(length, SEED);
      byte[] output = new byte[length];
      String method =
          switch (algorithm) {
            case LZ4 -> "lz4hc";
            case LZMA -> "lzma:0";
            case DEFLATE -> "deflate";
            case ZSTD -> "zstd:9";
          };
      try (Encoder encoder = Compression.parse(method).encoder(length)) {
        Encoder.Fit fit = encoder.fit(content, 0, length, output, length);
        assertThat(fit.consumed()).isEqualTo(length);
        return new Sample(algorithm, Arrays.copyOf(output, fit.written()), content);
      }
    }

    /** Decodes from the midst of an array to the head of one, and checks what is around. */
    byte[] decode(byte[] bytes, int length, boolean partial) throws CorruptStreamException {
      byte[] source = new byte[bytes.length + 2 * GUARD];
      Arrays.fill(source, GUARD_BYTE);
      System.arraycopy(bytes, 0, source, GUARD, bytes.length);
      byte[] destination = new byte[length + GUARD];
      Arrays.fill(destination, GUARD_BYTE);
      try {
        Decoder.of(algorithm)
            .decode(source, GUARD, GUARD + bytes.length, destination, length, partial);
      } finally {
        for (int i = length; i < destination.length; i++) {
          assertThat(destination[i]).isEqualTo(GUARD_BYTE);
        }
      }
      return Arrays.copyOf(destination, length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyPrefixIsDecoded(Algorithm algorithm) throws CorruptStreamException {
    for (Contents shape : List.of(Contents.PERIOD_3, Contents.TEXT, Contents.ZEROS)) {
      Sample sample = Sample.of(algorithm, shape, 1500);
      for (int length = 0; length <= 1500; length++) {
        assertThat(sample.decode(sample.stream, length, true))
            .as(shape + " " + length)
            .isEqualTo(Arrays.copyOf(sample.content, length));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void prefixesOfLongStreamsAreDecoded(Algorithm algorithm) throws CorruptStreamException {
    for (Contents shape : List.of(Contents.MIXED, Contents.TEXT, Contents.PERIOD_300)) {
      Sample sample = Sample.of(algorithm, shape, 700_000);
      for (int length : new int[] {1, 131_071, 131_072, 131_073, 262_144, 500_000, 700_000}) {
        byte[] decoded = sample.decode(sample.stream, length, true);
        boolean same = Arrays.equals(decoded, Arrays.copyOf(sample.content, length));
        assertThat(same).as(shape + " " + length).isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStreamOfAnotherLengthIsCorrupt(Algorithm algorithm) {
    Sample sample = Sample.of(algorithm, Contents.TEXT, 5000);
    for (int length : new int[] {1, 2500, 4994, 4999, 5001, 5010, 6000, 100_000}) {
      assertCorrupt(sample, sample.stream, length, false);
    }
    for (int length : new int[] {5001, 5010, 6000, 100_000}) {
      assertCorrupt(sample, sample.stream, length, true);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatEndsEarlyIsCorrupt(Algorithm algorithm) {
    Sample sample = Sample.of(algorithm, Contents.TEXT, 3000);
    for (int end = 0; end < sample.stream.length; end++) {
      byte[] head = Arrays.copyOf(sample.stream, end);
      assertCorrupt(sample, head, 3000, false);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatFollowsTheStreamIsIgnored(Algorithm algorithm) throws CorruptStreamException {
    Sample sample = Sample.of(algorithm, Contents.TEXT, 3000);
    byte[] longer = Arrays.copyOf(sample.stream, sample.stream.length + 100);
    assertThat(sample.decode(longer, 3000, false)).isEqualTo(sample.content);
    Arrays.fill(longer, sample.stream.length, longer.length, (byte) 0xb5);
    assertThat(sample.decode(longer, 3000, false)).isEqualTo(sample.content);
    assertThat(sample.decode(longer, 3000, true)).isEqualTo(sample.content);
  }

  @ParameterizedTest
  @EnumSource
  void damagedStreamsDecodeToAnythingOrAreCorrupt(Algorithm algorithm) {
    Random random = new Random(SEED);
    for (Contents shape : Contents.values()) {
      if (shape == Contents.RANDOM) {
        continue; // does not shrink
      }
      Sample sample = Sample.of(algorithm, shape, 2000);
      for (int i = 0; i < 3000; i++) {
        byte[] damaged = damage(sample.stream, random);
        int length = random.nextInt(4) == 0 ? random.nextInt(4000) : 2000;
        try {
          byte[] unused = sample.decode(damaged, length, random.nextBoolean());
        } catch (CorruptStreamException e) {
          assertThat(e.problem()).isNotEmpty();
        }
      }
    }
  }

  private static byte[] damage(byte[] stream, Random random) {
    byte[] damaged =
        Arrays.copyOf(
            stream, random.nextInt(5) == 0 ? random.nextInt(stream.length + 1) : stream.length);
    for (int count = random.nextInt(1, 4); count > 0 && damaged.length > 0; count--) {
      int at = random.nextInt(Math.min(damaged.length, random.nextBoolean() ? 16 : 4000));
      damaged[at] =
          switch (random.nextInt(4)) {
            case 0 -> (byte) random.nextInt();
            case 1 -> (byte) (damaged[at] ^ 1 << random.nextInt(8));
            case 2 -> (byte) 0xff;
            default -> 0;
          };
    }
    return damaged;
  }

  @ParameterizedTest
  @EnumSource
  void manyThreadsDecodeAtOnce(Algorithm algorithm) throws Exception {
    Sample sample = Sample.of(algorithm, Contents.MIXED, 60_000);
    List<Callable<byte[]>> tasks = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      boolean partial = i % 2 == 0;
      tasks.add(() -> sample.decode(sample.stream, 60_000, partial));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<byte[]> decoded : threads.invokeAll(tasks)) {
        assertThat(Arrays.equals(decoded.get(), sample.content)).isTrue();
      }
    }
  }

  @Test
  void lz4CountsBeyondAnyContentAreCorrupt() {
    byte[] endless = new byte[1 << 20];
    Arrays.fill(endless, (byte) 0xff);
    assertCorrupt(new Sample(Algorithm.LZ4, endless, endless), endless, 4096, false);
    byte[] before = HexFormat.of().parseHex("10" + "41" + "0200" + "5000000000");
    assertCorrupt(new Sample(Algorithm.LZ4, before, before), before, 10, true);
  }

  @Test
  void lz4MatchAtDistanceZeroIsZerosHoweverFarOneDecodes() throws CorruptStreamException {
    byte[] block = HexFormat.of().parseHex("1f" + "41" + "0000" + "05" + "50" + "4243444546");
    byte[] content = HexFormat.of().parseHex("41" + "00".repeat(24) + "4243444546");
    Sample sample = new Sample(Algorithm.LZ4, block, content);
    assertThat(sample.decode(block, content.length, false)).isEqualTo(content);
    for (int length = 0; length <= content.length; length++) {
      assertThat(sample.decode(block, length, true)).isEqualTo(Arrays.copyOf(content, length));
    }
  }

  @ParameterizedTest
  @EnumSource
  void decodesIntoDirectMemoryWhatItDecodesIntoAnArray(Algorithm algorithm) {
    Sample sample = Sample.of(algorithm, Contents.TEXT, 50_000);
    Random random = new Random(SEED);
    for (int round = 0; round < 300; round++) {
      byte[] bytes = sample.stream.clone();
      if (round % 3 != 0) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      boolean partial = random.nextBoolean();
      int length = partial ? random.nextInt(50_000) : 50_000;
      ByteBuffer direct = ByteBuffer.allocateDirect(length + 2 * GUARD).position(GUARD);
      direct.limit(GUARD + length);
      try {
        byte[] expected = sample.decode(bytes, length, partial);
        Decoder.of(algorithm).decode(bytes, 0, bytes.length, direct, partial);
        assertThat(direct.hasRemaining()).isFalse();
        assertThat(direct.position(GUARD))
            .as("round %d", round)
            .isEqualTo(ByteBuffer.wrap(expected));
      } catch (CorruptStreamException e) {
        direct.limit(GUARD + length).position(GUARD);
        assertThatExceptionOfType(CorruptStreamException.class)
            .as("round %d", round)
            .isThrownBy(() -> Decoder.of(algorithm).decode(bytes, 0, bytes.length, direct, partial))
            .withMessage(e.getMessage());
      }
      direct.clear();
      for (int at = 0; at < GUARD; at++) {
        assertThat(direct.get(at)).isZero();
        assertThat(direct.get(GUARD + length + at)).isZero();
      }
    }
  }

  @Test
  void zstandardBeyondTheKernelsLimitsIsCorrupt() {
    byte[] content = Contents.TEXT.bytes(3 << 20, SEED);
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setContentSize(false).setWindowLog(20);
      byte[] small = context.compress(content);
      context.setWindowLog(21);
      byte[] wide = context.compress(content);
      Sample sample = new Sample(Algorithm.ZSTD, wide, content);
      assertThat(assertCorrupt(sample, wide, content.length, false)).contains("window");
      byte[] decoded = sample.decode(small, content.length, false);
      assertThat(Arrays.equals(decoded, content)).isTrue();
      byte[] dictionary = small.clone();
      dictionary[4] |= 1;
      assertThat(assertCorrupt(sample, dictionary, 100, true)).contains("dictionary");
      byte[] skippable = HexFormat.of().parseHex("502a4d1800000000");
      assertThat(assertCorrupt(sample, skippable, 100, true)).contains("no Zstandard frame");
    } catch (CorruptStreamException e) {
      throw new AssertionError(e);
    }
  }

  private static String assertCorrupt(Sample sample, byte[] bytes, int length, boolean partial) {
    List<String> problems = new ArrayList<>();
    assertThatExceptionOfType(CorruptStreamException.class)
        .as("%s of %d bytes to %d", sample.algorithm, bytes.length, length)
        .isThrownBy(() -> sample.decode(bytes, length, partial))
        .satisfies(e -> problems.add(e.problem()));
    return problems.getFirst();
  }
}
