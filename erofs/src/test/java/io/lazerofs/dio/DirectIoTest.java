package io.lazerofs.dio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of direct reads, as measured on Linux 6.18 with an image on a loop device. */
class DirectIoTest {
  private static final int BLOCK = 4096;
  private static final int EINVAL = -22;

  /** Three blocks and 700 bytes beside the inode. */
  private final FakeFile tail =
      new FakeFile(12_988).plain(3 * BLOCK, 5 * BLOCK).inline(700, 16_000);

  private final FakeFile small = new FakeFile(100).inline(100, 1234);
  private final FakeFile exact = new FakeFile(16_384).plain(4 * BLOCK, BLOCK);
  private final FakeFile unevenEnd = new FakeFile(5000).plain(2 * BLOCK, BLOCK);

  @ParameterizedTest
  @CsvSource({
    "0, 4096, 4096, 100, 4096",
    "512, 512, 512, 0, 512",
    "0, 100, -22, 100, -22",
    "1, 4096, -22, 99, -22",
    "4096, 65536, 8892, 0, 12288",
    "8192, 4196, 4196, 0, -22",
    "12289, 100, 100, 0, -22",
    "8192, 100, -22, 0, -22",
    "16384, 4096, 0, 0, 0",
    "16385, 4096, 0, 0, 0",
    "0, 0, 0, 0, 0",
  })
  void directReadsOfTheTable(long offset, int length, int ofTail, int ofSmall, int ofExact)
      throws IOException {
    assertThat(result(tail, offset, length)).isEqualTo(ofTail);
    assertThat(result(small, offset, length)).isEqualTo(ofSmall);
    assertThat(result(exact, offset, length)).isEqualTo(ofExact);
  }

  @ParameterizedTest
  @CsvSource({"0, 8192, 5000", "0, 5000, -22", "4096, 904, -22", "4096, 1024, 904"})
  void lastBlockIsJudgedWhole(long offset, int length, int expected) throws IOException {
    assertThat(result(unevenEnd, offset, length)).isEqualTo(expected);
  }

  @Test
  void bufferedReadsNeedNoAlignment() throws IOException {
    for (FakeFile file : List.of(tail, small, exact, unevenEnd)) {
      MemorySegment got = read(file, 1, 70_000, false);
      assertThat(got.toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(Arrays.copyOfRange(file.content(), 1, file.content().length));
    }
  }

  @Test
  void holesZeroTheirOwnLengthOnly() throws IOException {
    FakeFile file =
        new FakeFile(4 * BLOCK).plain(BLOCK, 0).hole(BLOCK).plain(BLOCK, 8 * BLOCK).hole(BLOCK);
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      int offset = random.nextInt(4 * BLOCK);
      int length = random.nextInt(5 * BLOCK);
      int end = Math.min(offset + length, 4 * BLOCK);
      assertThat(read(file, offset, length, false).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(Arrays.copyOfRange(file.content(), offset, end));
    }
    assertThat(result(file, BLOCK + 1, 100)).isEqualTo(100);
  }

  @Test
  void failingExtentFailsTheWholeAndStopsThere() throws IOException {
    for (int bad = 0; bad < 4; bad++) {
      FakeFile file = new FakeFile(4 * BLOCK);
      for (int extent = 0; extent < 4; extent++) {
        file.plain(BLOCK, 2L * extent * BLOCK);
      }
      file.source.badOffset = 2L * bad * BLOCK;
      assertThatThrownBy(() -> read(file, 0, 4 * BLOCK, true)).hasMessage("bad block");
      assertThat(file.source.reads).isEqualTo(bad + 1);
    }
  }

  @Test
  void neighboursOnADeviceAreReadOneByOne() throws IOException {
    FakeFile file = new FakeFile(2 * BLOCK).plain(BLOCK, 0).plain(BLOCK, BLOCK);
    read(file, 0, 2 * BLOCK, true);
    assertThat(file.source.reads).isEqualTo(2);
  }

  @Test
  void oneExtentOfMappedMemoryIsNotCopied() throws IOException {
    exact.source.viewable = true;
    MemorySegment got = read(exact, 512, 1024, true);
    assertThat(got.address()).isEqualTo(exact.source.memory.address() + BLOCK + 512);
    assertThat(got.isReadOnly()).isTrue();
    assertThat(exact.source.reads).isZero();
    tail.source.viewable = true;
    assertThat(read(tail, 8192, 4796, true).toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(Arrays.copyOfRange(tail.content(), 8192, 12_988));
  }

  @Test
  void compressedExtentsAreDecodedUnaligned() throws IOException {
    FakeFile file = new FakeFile(BLOCK).compressed(BLOCK);
    assertThat(result(file, 1, 100)).isEqualTo(100);
  }

  @Test
  void extentThatDoesNotHoldTheByteIsAnError() {
    FakeFile file = new FakeFile(3 * BLOCK).plain(BLOCK, 0);
    assertThatThrownBy(() -> read(file, BLOCK, 100, false)).isInstanceOf(IOException.class);
  }

  private static int result(FakeFile file, long offset, int length) throws IOException {
    try {
      MemorySegment got = read(file, offset, length, true);
      byte[] expected =
          got.byteSize() == 0
              ? new byte[0]
              : Arrays.copyOfRange(file.content(), (int) offset, (int) (offset + got.byteSize()));
      assertThat(got.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
      return (int) got.byteSize();
    } catch (MisalignedException e) {
      return EINVAL;
    }
  }

  private static MemorySegment read(FakeFile file, long offset, int length, boolean direct)
      throws IOException {
    ReadBuffer buffer = new ReadBuffer(MemorySegment.ofArray(new byte[length]).fill((byte) 0x55));
    try {
      int count = new DirectIo(DirectIoSettings.DEFAULT).read(file, offset, length, direct, buffer);
      return buffer.bytes(count);
    } finally {
      assertThat(file.ended).as("mappings given back").isEqualTo(file.begun);
    }
  }

  /** A file whose extents follow each other on one device of random bytes. */
  private static final class FakeFile implements Mapper {
    private final FakeSource source = new FakeSource();
    private final List<Mapping> mappings = new ArrayList<>();
    private final long size;
    private long end;
    private int begun;
    private int ended;

    FakeFile(long size) {
      this.size = size;
    }

    FakeFile plain(long length, long physical) {
      return add(new Mapping.Mapped(end, length, source, physical));
    }

    FakeFile inline(long length, long physical) {
      return add(new Mapping.Inline(end, length, source, physical));
    }

    FakeFile hole(long length) {
      return add(new Mapping.Hole(end, length));
    }

    FakeFile compressed(long length) {
      return add(new Mapping.Encoded(end, length, this::decode));
    }

    private FakeFile add(Mapping mapping) {
      mappings.add(mapping);
      end += mapping.length();
      return this;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int blockSize() {
      return BLOCK;
    }

    @Override
    public Mapping begin(long offset, long length, Operation operation) {
      begun++;
      return mappings.stream()
          .filter(mapping -> offset < mapping.offset() + mapping.length())
          .findFirst()
          .orElse(mappings.getLast());
    }

    @Override
    public void end(Mapping mapping, long offset, long length, long done, Operation operation) {
      ended++;
    }

    private void decode(long offset, MemorySegment destination) {
      MemorySegment.copy(source.memory, offset, destination, 0, destination.byteSize());
    }

    /** Returns the whole content, put together by the extents' own definitions. */
    byte[] content() {
      byte[] content = new byte[(int) end];
      for (Mapping mapping : mappings) {
        long physical =
            switch (mapping) {
              case Mapping.Mapped mapped -> mapped.physical();
              case Mapping.Inline inline -> inline.physical();
              case Mapping.Encoded encoded -> encoded.offset();
              case Mapping.Hole _ -> -1;
            };
        if (physical >= 0) {
          MemorySegment.copy(
              source.memory,
              physical,
              MemorySegment.ofArray(content),
              mapping.offset(),
              mapping.length());
        }
      }
      return Arrays.copyOf(content, (int) size);
    }
  }

  /** A device of random bytes that may have a bad block. */
  private static final class FakeSource implements ByteSource {
    private final MemorySegment memory = Arena.ofAuto().allocate(16L * BLOCK, BLOCK);
    private long badOffset = -1;
    private int reads;
    private boolean viewable;

    FakeSource() {
      byte[] bytes = new byte[16 * BLOCK];
      new Random(42).nextBytes(bytes);
      memory.copyFrom(MemorySegment.ofArray(bytes));
    }

    @Override
    public long size() {
      return memory.byteSize();
    }

    @Override
    public void read(long offset, MemorySegment destination) throws IOException {
      reads++;
      if (offset == badOffset) {
        throw new IOException("bad block");
      }
      MemorySegment.copy(memory, offset, destination, 0, destination.byteSize());
    }

    @Override
    public void fill(long offset, long length) {
      // Nothing is absent.
    }

    @Override
    public MemorySegment memory() {
      return viewable ? memory.asReadOnly() : MemorySegment.NULL;
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
