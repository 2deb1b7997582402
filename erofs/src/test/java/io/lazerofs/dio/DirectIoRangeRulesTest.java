package io.lazerofs.dio;

import static io.lazerofs.dio.FakeFile.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.source.TestSource;
import io.lazerofs.source.TestSource.Range;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The range rules R, and those of S0 and S1 that say where bytes come from. */
class DirectIoRangeRulesTest {
  private final FakeFile blocks = new FakeFile(4 * BLOCK).plain(4 * BLOCK, BLOCK);

  @Test
  void R1_endOfFileComesBeforeAlignment() throws IOException {
    assertThat(blocks.direct(4 * BLOCK, 1)).isEmpty();
    assertThat(blocks.direct(4 * BLOCK + 1, 100)).isEmpty();
    assertThat(blocks.direct(Long.MAX_VALUE, BLOCK)).isEmpty();
    assertThat(blocks.begun()).isZero();
  }

  @Test
  void R2_readIsClippedToTheEndOfTheFile() throws IOException {
    assertThat(blocks.direct(3 * BLOCK, 16 * BLOCK))
        .isEqualTo(blocks.expected(3 * BLOCK, 16 * BLOCK))
        .hasSize(BLOCK);
  }

  @Test
  void R3_emptyReadIsNothing() throws IOException {
    assertThat(blocks.direct(1, 0)).isEmpty();
    assertThat(blocks.begun()).isZero();
  }

  @Test
  void negativeRangeIsAnError() {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> blocks.direct(-BLOCK, BLOCK));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> blocks.buffered(0, -1));
  }

  @Test
  void R4_readGoesOnWithTheNextMappingUntilAllIsThere() throws IOException {
    FakeFile file =
        new FakeFile(4 * BLOCK + 100)
            .plain(BLOCK, 3 * BLOCK)
            .encoded(BLOCK)
            .hole(BLOCK)
            .plain(BLOCK, 0)
            .inline(100, 999);
    assertThat(file.direct(512, 4 * BLOCK)).isEqualTo(file.expected(512, 4 * BLOCK));
    assertThat(file.begun()).isEqualTo(5);
  }

  @Test
  void R5_holeZeroesItsOwnLengthOnly() throws IOException {
    FakeFile file =
        new FakeFile(4 * BLOCK).plain(BLOCK, 0).hole(BLOCK).plain(BLOCK, 8 * BLOCK).hole(BLOCK);
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      int offset = random.nextInt(4 * BLOCK);
      int length = random.nextInt(5 * BLOCK);
      assertThat(file.buffered(offset, length)).isEqualTo(file.expected(offset, length));
    }
    assertThat(file.direct(BLOCK + 1, 100)).hasSize(100).containsOnly(0);
  }

  @Test
  void R6_mappingMayBeginBeforeTheByteThatWasAskedFor() throws IOException {
    assertThat(blocks.direct(2 * BLOCK + 512, 512))
        .isEqualTo(blocks.expected(2 * BLOCK + 512, 512));
    assertThat(blocks.device.reads()).containsExactly(new Range(3 * BLOCK + 512, 512));
  }

  @Test
  void R7_neighboursOnADeviceAreReadOneByOne() throws IOException {
    FakeFile file = new FakeFile(2 * BLOCK).plain(BLOCK, 0).plain(BLOCK, BLOCK);
    file.direct(0, 2 * BLOCK);
    assertThat(file.device.reads()).containsExactly(new Range(0, BLOCK), new Range(BLOCK, BLOCK));
  }

  @Test
  void R8_inlineTailIsReadFromTheMetadataAtAnyOffset() throws IOException {
    FakeFile file = new FakeFile(BLOCK + 700).plain(BLOCK, 0).inline(700, 12_345);
    for (int offset = BLOCK; offset <= BLOCK + 700; offset++) {
      assertThat(file.direct(offset, BLOCK)).isEqualTo(file.expected(offset, BLOCK));
    }
  }

  @Test
  void S0_4_S1_5_mappingsOnDifferentDevicesAreOneRead() throws IOException {
    TestSource other = FakeFile.device(43);
    FakeFile file =
        new FakeFile(3 * BLOCK).plain(BLOCK, 0).plain(BLOCK, other, BLOCK).plain(BLOCK, BLOCK);
    assertThat(file.direct(0, 3 * BLOCK)).isEqualTo(file.expected(0, 3 * BLOCK));
    assertThat(other.reads()).containsExactly(new Range(BLOCK, BLOCK));
  }

  @Test
  void S0_5_holesNeedNoSource() throws IOException {
    FakeFile file = new FakeFile(5 * BLOCK).hole(5 * BLOCK);
    assertThat(file.direct(0, 5 * BLOCK)).hasSize(5 * BLOCK).containsOnly(0);
    assertThat(file.device.reads()).isEmpty();
  }

  @Test
  void S0_5_inlineBytesComeFromThePageCacheAlways() throws IOException {
    FakeFile file = new FakeFile(100).inline(100, 50);
    assertThat(file.read(Settings.device(), 0, 512, true)).isEqualTo(file.expected(0, 512));
    assertThat(file.device.deviceReads()).isEmpty();
  }

  @Test
  void S0_2_directReadsGoToTheDeviceWhenToldAndBufferedOnesNever() throws IOException {
    assertThat(blocks.read(Settings.device(), 512, 1024, true))
        .isEqualTo(blocks.expected(512, 1024));
    assertThat(blocks.device.deviceReads()).containsExactly(new Range(BLOCK + 512, 1024));
    assertThat(blocks.read(Settings.device(), 512, 1024, false))
        .isEqualTo(blocks.expected(512, 1024));
    assertThat(blocks.device.deviceReads()).hasSize(1);
  }

  @Test
  void S1_2_strictAlignmentJudgesTheWholeRequestBeforeAnythingElse() throws IOException {
    FakeFile file = new FakeFile(BLOCK + 700).plain(BLOCK, 0).inline(700, 12_345);
    DirectIo strict = Settings.strict();
    long[][] misaligned = {{512, 512}, {0, 512}, {BLOCK, 700}, {BLOCK + 1, 1}, {9L * BLOCK + 1, 9}};
    for (long[] range : misaligned) {
      assertThatExceptionOfType(MisalignedException.class)
          .isThrownBy(() -> file.read(strict, range[0], (int) range[1], true));
    }
    assertThat(file.begun()).isZero();
    assertThat(file.read(strict, 0, 2 * BLOCK, true)).isEqualTo(file.expected(0, 2 * BLOCK));
    assertThat(file.read(strict, 1, 1, false)).isEqualTo(file.expected(1, 1));
  }

  @Test
  void S0_3_withoutAlignmentEveryRangeReads() throws IOException {
    FakeFile file =
        new FakeFile(3 * BLOCK + 50)
            .plain(BLOCK, BLOCK)
            .hole(BLOCK)
            .plain(BLOCK, 5 * BLOCK)
            .inline(50, 7);
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      int offset = random.nextInt(4 * BLOCK);
      int length = random.nextInt(4 * BLOCK);
      assertThat(file.read(Settings.unaligned(), offset, length, true))
          .isEqualTo(file.expected(offset, length));
    }
  }

  @Test
  void oneMappingOfMemoryIsLentAndSeveralAreCopied() throws IOException {
    FakeFile file = new FakeFile(BLOCK + 700).plain(BLOCK, 0).inline(700, 12_345);
    file.device.withMemory();
    assertThat(file.direct(512, 1024)).isEqualTo(file.expected(512, 1024));
    assertThat(file.device.reads()).isEmpty();
    assertThat(file.direct(512, BLOCK)).isEqualTo(file.expected(512, BLOCK));
    assertThat(file.device.reads()).hasSize(2);
  }

  @Test
  void encodedBytesNeedNoAlignment() throws IOException {
    FakeFile file = new FakeFile(BLOCK).encoded(BLOCK);
    assertThat(file.direct(1, 100)).isEqualTo(file.expected(1, 100));
  }
}
