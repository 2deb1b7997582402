package io.lazerofs.dio;

import static io.lazerofs.dio.FakeFile.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.FakeFile.End;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.TestSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Which reads take the way of small reads, and that nobody sees which did. */
class SmallReadTest {
  private final SmallRead small =
      new SmallRead(
          SmallRead.MOST_BYTES,
          new AlignmentRule(Alignment.PER_MAPPING),
          new Transfer(Backing.PAGE_CACHE));
  private final FakeFile file = new FakeFile(4 * BLOCK).plain(4 * BLOCK, BLOCK);

  private int tried(FakeFile tried, long offset, int length, boolean direct) throws IOException {
    MemorySegment memory = MemorySegment.ofArray(new byte[Math.max(length, 0)]);
    try {
      return small.read(tried, offset, length, direct, new ReadBuffer(memory));
    } finally {
      assertThat(tried.ends).hasSize(tried.begun());
    }
  }

  @Test
  void S3_1_alignedReadOfOneMappingIsTaken() throws IOException {
    assertThat(tried(file, 512, 512, true)).isEqualTo(512);
    assertThat(tried(file, 3 * BLOCK, BLOCK, true)).isEqualTo(BLOCK);
    assertThat(tried(file, 1, 10_000, false)).isEqualTo(10_000);
    assertThat(file.begun()).isEqualTo(3);
  }

  @Test
  void S3_1_whatIsSeenWithoutAMappingIsSeenFirst() throws IOException {
    FakeFile large = new FakeFile(2L * SmallRead.MOST_BYTES).hole(2L * SmallRead.MOST_BYTES);
    assertThat(tried(file, 0, 0, true)).isEqualTo(SmallRead.NOT_TAKEN);
    assertThat(tried(file, 0, -1, true)).isEqualTo(SmallRead.NOT_TAKEN);
    assertThat(tried(file, -512, 512, true)).isEqualTo(SmallRead.NOT_TAKEN);
    assertThat(tried(file, 4 * BLOCK - 512, 1024, true)).isEqualTo(SmallRead.NOT_TAKEN);
    assertThat(tried(file, 4 * BLOCK, 512, true)).isEqualTo(SmallRead.NOT_TAKEN);
    assertThat(tried(file, Long.MAX_VALUE, 512, false)).isEqualTo(SmallRead.NOT_TAKEN);
    assertThat(tried(file, 0, 100, true)).isEqualTo(SmallRead.NOT_TAKEN);
    assertThat(tried(file, 100, 512, true)).isEqualTo(SmallRead.NOT_TAKEN);
    assertThat(file.begun()).isZero();
    assertThat(tried(large, 0, SmallRead.MOST_BYTES + 512, true)).isEqualTo(SmallRead.NOT_TAKEN);
    assertThat(large.begun()).isZero();
  }

  @Test
  void S3_1_S3_9_mappingThatDoesNotFitIsGivenBackUnused() throws IOException {
    FakeFile[] others = {
      new FakeFile(2 * BLOCK).hole(2 * BLOCK),
      new FakeFile(2 * BLOCK).inline(2 * BLOCK, 0),
      new FakeFile(2 * BLOCK).encoded(2 * BLOCK),
      new FakeFile(2 * BLOCK).plain(512, 0).plain(2 * BLOCK - 512, 512),
      new FakeFile(2 * BLOCK).plain(2 * BLOCK, -1),
      new FakeFile(2 * BLOCK).add(new Mapping.Hole(0, Long.MIN_VALUE))
    };
    for (FakeFile other : others) {
      assertThat(tried(other, 0, BLOCK, true)).isEqualTo(SmallRead.NOT_TAKEN);
      assertThat(other.ends).containsExactly(new End(0, BLOCK, 0));
      assertThat(other.device.reads()).isEmpty();
    }
  }

  @Test
  void S3_3_whatIsNotTakenNeverReachesTheCaller() throws IOException {
    FakeFile tail = new FakeFile(BLOCK + 100).plain(BLOCK, 0).inline(100, 9);
    assertThat(tail.direct(0, BLOCK + 100)).hasSize(BLOCK + 100);
    assertThat(tail.direct(BLOCK + 1, 9)).hasSize(9);
    assertThat(tail.direct(BLOCK + 100, 9)).isEmpty();
    assertThat(tail.direct(0, 0)).isEmpty();
  }

  @Test
  void S3_4_readsUnderWayAreCountedAndGoneAfterEveryExit() throws IOException {
    DirectIo io = new DirectIo(DirectIoSettings.DEFAULT);
    long[] during = {-1};
    Mapper watched =
        new ForwardingMapper(file) {
          @Override
          public Mapping begin(long offset, long length, Operation operation) throws IOException {
            during[0] = io.readsUnderWay();
            return super.begin(offset, length, operation);
          }
        };
    ReadBuffer buffer = new ReadBuffer(MemorySegment.ofArray(new byte[BLOCK]));
    assertThat(io.read(watched, 0, BLOCK, true, buffer)).isEqualTo(BLOCK);
    assertThat(during[0]).isEqualTo(1);
    assertThat(io.readsUnderWay()).isZero();

    // Each of these looks that no read is under way when it ends, however that is.
    assertThat(file.direct(4 * BLOCK, BLOCK)).isEmpty();
    assertThatThrownBy(() -> file.direct(1, 512)).isInstanceOf(MisalignedException.class);
    assertThatThrownBy(() -> file.direct(-1, 512)).isInstanceOf(IndexOutOfBoundsException.class);
    file.device.setBad(BLOCK);
    assertThatThrownBy(() -> file.direct(0, 512)).hasMessage("bad block");
    file.device.withAbsent(BLOCK, BLOCK);
    assertThatThrownBy(() -> file.direct(0, 512)).isInstanceOf(AbsentException.class);
    FakeFile broken = new FakeFile(BLOCK).add(new Mapping.Hole(BLOCK, BLOCK));
    assertThatThrownBy(() -> broken.direct(0, 512)).isInstanceOf(InvalidMappingException.class);
    Mapper noMapping =
        new ForwardingMapper(file) {
          @Override
          public Mapping begin(long offset, long length, Operation operation) throws IOException {
            throw new IOException("no mapping");
          }
        };
    assertThatThrownBy(() -> io.read(noMapping, 0, BLOCK, true, buffer)).hasMessage("no mapping");
    assertThat(io.readsUnderWay()).isZero();
  }

  @Test
  void S3_9_mappingIsGivenBackWithWhatWasRead() throws IOException {
    tried(file, 512, 1024, true);
    file.device.setBad(BLOCK);
    assertThatThrownBy(() -> tried(file, 0, 512, true)).hasMessage("bad block");
    file.device.withAbsent(BLOCK, BLOCK);
    assertThatExceptionOfType(AbsentException.class).isThrownBy(() -> tried(file, 0, 512, true));
    assertThat(file.ends)
        .containsExactly(new End(512, 1024, 1024), new End(0, 512, 0), new End(0, 512, 0));
  }

  @Test
  void memoryOfASourceIsLent() throws IOException {
    TestSource mapped = FakeFile.device(7).withMemory();
    FakeFile lent = new FakeFile(2 * BLOCK).plain(2 * BLOCK, mapped, BLOCK);
    ReadBuffer buffer = new ReadBuffer(MemorySegment.ofArray(new byte[BLOCK]));
    assertThat(small.read(lent, 512, BLOCK, true, buffer)).isEqualTo(BLOCK);
    assertThat(buffer.data().address()).isEqualTo(mapped.memory().address());
    assertThat(buffer.start()).isEqualTo(BLOCK + 512);
    assertThat(buffer.data().isReadOnly()).isTrue();
    assertThat(mapped.reads()).isEmpty();
  }
}
