package io.lazerofs.dio;

import static io.lazerofs.dio.FakeFile.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.source.AbsentException;
import io.lazerofs.source.Prefetching;
import io.lazerofs.source.TestSource;
import io.lazerofs.source.TestSource.Range;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What becomes of reads that meet bytes which are not on this machine. */
class DirectIoAbsentRulesTest {
  private final DirectIo io = new DirectIo(DirectIoSettings.DEFAULT);

  @Test
  void N_S3_7_readThatMayNotWaitStartsNoFetch() {
    FakeFile file = new FakeFile(3 * BLOCK).plain(BLOCK, 0).plain(BLOCK, 5 * BLOCK).encoded(BLOCK);
    file.device.withAbsent(0, 16L * BLOCK);
    ReadBuffer buffer = new ReadBuffer(MemorySegment.ofArray(new byte[3 * BLOCK]));
    for (int length : new int[] {512, BLOCK, 3 * BLOCK}) {
      assertThatExceptionOfType(WouldBlockException.class)
          .isThrownBy(() -> io.readPresent(file, 0, length, true, buffer));
    }
    assertThat(file.device.prefetches()).isEmpty();
    assertThat(file.device.fills()).isZero();
    assertThat(file.ends).hasSize(file.begun());
    assertThat(io.readsUnderWay()).isZero();
  }

  @Test
  void N_readThatMayNotWaitIsLikeAnyOtherWhenAllIsPresent() throws IOException {
    FakeFile file = new FakeFile(BLOCK + 9).plain(BLOCK, 0).inline(9, 5 * BLOCK);
    ReadBuffer buffer = new ReadBuffer(MemorySegment.ofArray(new byte[2 * BLOCK]));
    assertThat(io.readPresent(file, 0, 2 * BLOCK, true, buffer)).isEqualTo(BLOCK + 9);
    assertThatExceptionOfType(MisalignedException.class)
        .isThrownBy(() -> io.readPresent(file, 1, 9, true, buffer));
  }

  @Test
  void absentPartAsksForAllThatTheRequestNeedsElsewhere() {
    TestSource other = FakeFile.device(2).withAbsent(0, 16L * BLOCK);
    FakeFile file =
        new FakeFile(6 * BLOCK + 100)
            .plain(BLOCK, 2 * BLOCK)
            .plain(BLOCK, 9 * BLOCK)
            .hole(BLOCK)
            .plain(BLOCK, other, 0)
            .plain(BLOCK, other, BLOCK)
            .plain(BLOCK, 4 * BLOCK)
            .inline(100, 7 * BLOCK);
    file.device.withAbsent(BLOCK, 15L * BLOCK);
    assertThatExceptionOfType(AbsentException.class)
        .isThrownBy(() -> file.direct(0, 5 * BLOCK + 512))
        .withMessage("absent: 4096 bytes at 8192");
    assertThat(file.device.prefetches())
        .containsExactly(new Range(9 * BLOCK, BLOCK), new Range(4 * BLOCK, 512));
    assertThat(other.prefetches()).containsExactly(new Range(0, 2 * BLOCK));
    assertThat(file.device.reads()).hasSize(1);
  }

  @Test
  void absentBytesInOnePlaceAskForNothingElse() {
    FakeFile file = new FakeFile(4 * BLOCK).plain(4 * BLOCK, 0);
    file.device.withAbsent(0, 4L * BLOCK);
    for (int length : new int[] {BLOCK, 4 * BLOCK}) {
      assertThatExceptionOfType(AbsentException.class).isThrownBy(() -> file.direct(0, length));
    }
    assertThat(file.device.prefetches()).isEmpty();
  }

  @Test
  void errorBehindAnAbsentPartIsLeftToTheReadThatComesThere() throws IOException {
    FakeFile file =
        new FakeFile(3 * BLOCK)
            .plain(BLOCK, 2 * BLOCK)
            .add(new Mapping.Mapped(BLOCK, BLOCK, FakeFile.device(3), Long.MAX_VALUE));
    file.device.withAbsent(0, 16L * BLOCK);
    assertThatExceptionOfType(AbsentException.class).isThrownBy(() -> file.direct(0, 3 * BLOCK));
    assertThatExceptionOfType(InvalidMappingException.class)
        .isThrownBy(() -> Waiting.on(() -> file.direct(0, 3 * BLOCK)));
  }

  @Test
  void C3_pieceThatIsHalfPresentIsOneReadThatIsDoneAgain() throws IOException {
    FakeFile file = new FakeFile(2 * BLOCK).encoded(2 * BLOCK);
    file.device.withAbsent(BLOCK, BLOCK);
    assertThat(Waiting.on(() -> file.direct(0, 2 * BLOCK))).isEqualTo(file.expected(0, 2 * BLOCK));
    assertThat(file.decodes()).isEqualTo(2);
    assertThat(file.device.fills()).isEqualTo(1);
  }

  @Test
  void S1_4_readIsRightOnceEachPartWasFilled() throws IOException {
    FakeFile file = new FakeFile(3 * BLOCK).plain(BLOCK, 8 * BLOCK).hole(BLOCK).encoded(BLOCK);
    file.device.withAbsent(0, 16L * BLOCK);
    assertThat(Waiting.on(() -> file.direct(0, 3 * BLOCK))).isEqualTo(file.expected(0, 3 * BLOCK));
    assertThat(file.device.fills()).isEqualTo(2);
  }

  @Test
  void lookingAheadIsBounded() {
    FakeFile file = new FakeFile(4L * BLOCK * Asking.MOST_MAPPINGS);
    for (int i = 0; i < 4 * Asking.MOST_MAPPINGS; i++) {
      file.plain(BLOCK, i % 2 * 2L * BLOCK);
    }
    long asked = io.prefetch(file, 0, Long.MAX_VALUE);
    assertThat(asked).isEqualTo((long) BLOCK * Prefetching.MOST_PLACES);
    assertThat(file.device.prefetches()).hasSize(Prefetching.MOST_PLACES);
    assertThat(file.ends).hasSize(file.begun());
    FakeFile holes = new FakeFile(4L * BLOCK * Asking.MOST_MAPPINGS);
    for (int i = 0; i < 4 * Asking.MOST_MAPPINGS; i++) {
      holes.hole(BLOCK);
    }
    assertThat(io.prefetch(holes, 0, Long.MAX_VALUE))
        .isEqualTo((long) BLOCK * Asking.MOST_MAPPINGS);
    assertThat(holes.begun()).isEqualTo(Asking.MOST_MAPPINGS);
  }
}
