package io.lazerofs.dio;

import static io.lazerofs.dio.FakeFile.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.dio.FakeFile.End;
import io.lazerofs.source.TestSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of completion and atomicity, C and A, and S2.13 of mappings that cannot be. */
class DirectIoFailureRulesTest {

  private static FakeFile fourParts() {
    FakeFile file = new FakeFile(4 * BLOCK);
    for (int part = 0; part < 4; part++) {
      file.plain(BLOCK, 2L * part * BLOCK);
    }
    return file;
  }

  @Test
  void A1_S1_6_failingPartFailsTheWholeAndNothingBehindItIsRead() {
    for (int bad = 0; bad < 4; bad++) {
      FakeFile file = fourParts();
      file.device.setBad(2L * bad * BLOCK);
      assertThatThrownBy(() -> file.direct(0, 4 * BLOCK)).hasMessage("bad block");
      assertThat(file.device.reads()).hasSize(bad + 1);
      assertThat(file.ends.getLast()).isEqualTo(new End(bad * BLOCK, (4L - bad) * BLOCK, 0));
      assertThat(file.device.prefetches()).isEmpty();
    }
  }

  @Test
  void A1_misalignedPartFailsTheWhole() {
    FakeFile file = new FakeFile(2 * BLOCK).hole(BLOCK).plain(BLOCK, 0);
    assertThatExceptionOfType(MisalignedException.class)
        .isThrownBy(() -> file.direct(0, BLOCK + 100));
  }

  @Test
  void A2_readIsShortAtTheEndOfTheFileOnly() throws IOException {
    int size = 2 * BLOCK + 700;
    FakeFile file = new FakeFile(size).plain(2 * BLOCK, BLOCK).inline(700, 16_000);
    for (int offset = size - BLOCK; offset <= size + 1; offset++) {
      assertThat(file.buffered(offset, BLOCK)).isEqualTo(file.expected(offset, BLOCK));
    }
  }

  @Test
  void A3_rangePastTheEndOfItsSourceIsAnError() {
    for (boolean lends : new boolean[] {false, true}) {
      TestSource cut = new TestSource(new byte[2 * BLOCK - 1]);
      if (lends) {
        cut.withMemory();
      }
      FakeFile file = new FakeFile(2 * BLOCK).plain(2 * BLOCK, cut, 0);
      assertThatExceptionOfType(InvalidMappingException.class)
          .isThrownBy(() -> file.direct(BLOCK, BLOCK));
      assertThatExceptionOfType(InvalidMappingException.class)
          .isThrownBy(() -> file.buffered(0, 2 * BLOCK));
    }
  }

  @Test
  void A3_sourceMayEndWithTheFileInsideOfTheLastBlock() throws IOException {
    TestSource cut = new TestSource(new byte[2 * BLOCK - 1]);
    FakeFile file = new FakeFile(2 * BLOCK - 1).plain(2 * BLOCK, cut, 0);
    assertThat(file.direct(BLOCK, BLOCK)).hasSize(BLOCK - 1);
  }

  @Test
  void C1_eachMappingIsGivenBackOnceBeforeTheReadReturns() throws IOException {
    FakeFile file = fourParts();
    file.read(new DirectIo(DirectIoSettings.DEFAULT, 0), 0, 4 * BLOCK, true);
    assertThat(file.ends)
        .containsExactly(
            new End(0, 4 * BLOCK, BLOCK),
            new End(BLOCK, 3 * BLOCK, BLOCK),
            new End(2 * BLOCK, 2 * BLOCK, BLOCK),
            new End(3 * BLOCK, BLOCK, BLOCK));
  }

  @Test
  void C4_firstErrorWins() {
    FakeFile file = fourParts();
    file.device.setBad(2L * BLOCK);
    file.add(new Mapping.Mapped(0, 0, file.device, 0));
    assertThatThrownBy(() -> file.direct(0, 4 * BLOCK)).hasMessage("bad block");
  }

  @Test
  void C4_failureOfGivingBackDoesNotHideTheFirst() {
    Mapper stubborn =
        new ForwardingMapper(fourParts()) {
          @Override
          public void end(Mapping mapping, long offset, long length, long done, Operation operation)
              throws IOException {
            throw new IOException("not taken back");
          }
        };
    DirectIo io = new DirectIo(DirectIoSettings.DEFAULT);
    ReadBuffer buffer = new ReadBuffer(MemorySegment.ofArray(new byte[4 * BLOCK]));
    assertThatExceptionOfType(MisalignedException.class)
        .isThrownBy(() -> io.read(stubborn, 0, 100, true, buffer))
        .satisfies(first -> assertThat(first.getSuppressed()).hasSize(1));
    for (int length : new int[] {BLOCK, 2 * BLOCK}) {
      assertThatThrownBy(() -> io.read(stubborn, 0, length, true, buffer))
          .hasMessage("not taken back");
    }
    assertThat(io.readsUnderWay()).isZero();
  }

  static List<Mapping> impossible() {
    TestSource device = FakeFile.device(1);
    long end = device.size();
    return List.of(
        new Mapping.Hole(0, BLOCK),
        new Mapping.Hole(2 * BLOCK, BLOCK),
        new Mapping.Hole(BLOCK, 0),
        new Mapping.Hole(BLOCK, -1),
        new Mapping.Hole(-BLOCK, 3 * BLOCK),
        new Mapping.Hole(1, Long.MAX_VALUE),
        new Mapping.Mapped(BLOCK, BLOCK, device, end),
        new Mapping.Mapped(BLOCK, BLOCK, device, end - BLOCK + 1),
        new Mapping.Mapped(BLOCK, BLOCK, device, -1),
        new Mapping.Mapped(BLOCK, BLOCK, device, Long.MIN_VALUE),
        new Mapping.Mapped(BLOCK, BLOCK, device, Long.MAX_VALUE),
        new Mapping.Inline(BLOCK, BLOCK, device, Long.MAX_VALUE - 10),
        new Mapping.Inline(0, 3 * BLOCK, device, end - 2 * BLOCK),
        new Mapping.Encoded(BLOCK, Long.MIN_VALUE, new NoDecoding()));
  }

  @ParameterizedTest
  @MethodSource("impossible")
  void S2_13_mappingThatCannotBeIsRefused(Mapping mapping) {
    for (int length : new int[] {512, BLOCK}) {
      FakeFile file = new FakeFile(3 * BLOCK).add(mapping);
      assertThatExceptionOfType(InvalidMappingException.class)
          .isThrownBy(() -> file.direct(BLOCK, length));
    }
  }

  private static final class NoDecoding implements Mapping.Decoding {
    @Override
    public void decode(long offset, MemorySegment destination) {
      throw new AssertionError("decoded");
    }

    @Override
    public long prefetch(long offset, long length, int most) {
      throw new AssertionError("prefetched");
    }
  }
}
