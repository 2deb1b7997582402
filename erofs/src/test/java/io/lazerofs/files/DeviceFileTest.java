package io.lazerofs.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.dio.DirectIo;
import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.DirectIoSettings.Compressed;
import io.lazerofs.dio.Mapper;
import io.lazerofs.dio.Mapping;
import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.MappedSource;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeviceFileTest {
  /** No multiple of a block or a sector, and longer than the buffer of a widened read. */
  private static final int SIZE = 1_000_123;

  private static final int READS = 3000;

  private final Path directory = DiskDirectory.create();
  private final byte[] content = new byte[SIZE];

  @AfterEach
  void deleteDirectory() throws IOException {
    DiskDirectory.delete(directory);
  }

  private Path file(Path where) throws IOException {
    new Random(3).nextBytes(content);
    return Files.write(where.resolve("file"), content);
  }

  @Test
  void S0_3_anyRangeReadsTheSamePastThePageCache() throws IOException {
    long seed = 0xD10;
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined();
        DeviceFile file = DeviceFile.of(file(directory))) {
      MemorySegment memory = arena.allocate(300_000, 4096);
      for (int i = 0; i < READS; i++) {
        int grain = 1 << random.nextInt(13);
        int offset = random.nextInt(SIZE) / grain * grain;
        int length = Math.min(SIZE - offset, (random.nextInt(200_000) / grain + 1) * grain);
        int at = random.nextInt(8192) / grain * grain;
        assertThat(file.read(offset, memory, at, length)).isTrue();
        assertThat(memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE))
            .as("seed %d, read %d: %d bytes at %d to %d", seed, i, length, offset, at)
            .isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
      }
      assertThat(file.fallbacks()).isZero();
    }
  }

  @Test
  void aDirectReadOfAnyAlignmentGoesPastThePageCacheWhenItIsAskedTo() throws IOException {
    var settings = new DirectIoSettings(Alignment.NONE, Compressed.DECODE, Backing.DEVICE);
    CountingSource source = new CountingSource(MappedSource.open(file(directory)));
    try (source;
        Arena arena = Arena.ofConfined()) {
      ReadBuffer buffer = new ReadBuffer(arena.allocate(100_000, 4096));
      int count = new DirectIo(settings).read(source, 777, 99_999, true, buffer);
      assertThat(count).isEqualTo(99_999);
      assertThat(buffer.bytes(count).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(Arrays.copyOfRange(content, 777, 777 + 99_999));
      assertThat(source.fromDevice).isEqualTo(1);
    }
  }

  /** A source that is one file in one mapping, and counts what was read from the device. */
  private static final class CountingSource implements ByteSource, Mapper {
    private final MappedSource file;
    private int fromDevice;

    CountingSource(MappedSource file) {
      this.file = file;
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public int blockSize() {
      return 4096;
    }

    @Override
    public Mapping begin(long offset, long length, Operation operation) {
      return new Mapping.Mapped(0, size(), this, 0);
    }

    @Override
    public void read(long offset, MemorySegment destination) {
      file.read(offset, destination);
    }

    @Override
    public void readFromDevice(long offset, MemorySegment destination, long at, long length)
        throws IOException {
      fromDevice++;
      file.readFromDevice(offset, destination, at, length);
    }

    @Override
    public void fill(long offset, long length) {
      file.fill(offset, length);
    }

    @Override
    public void close() {
      file.close();
    }
  }

  @Test
  void aHeapDestinationIsReadToo() throws IOException {
    byte[] bytes = new byte[5000];
    try (DeviceFile file = DeviceFile.of(file(directory))) {
      assertThat(file.read(SIZE - 5000, MemorySegment.ofArray(bytes), 0, 5000)).isTrue();
    }
    assertThat(bytes).isEqualTo(Arrays.copyOfRange(content, SIZE - 5000, SIZE));
  }

  @Test
  void A3_aFileThatEndsWithinTheRangeIsAFailureAndNoZeros() throws IOException {
    try (Arena arena = Arena.ofConfined();
        DeviceFile file = DeviceFile.of(file(directory))) {
      MemorySegment memory = arena.allocate(8192, 4096);
      int last = SIZE & -4096;
      assertThatThrownBy(() -> file.read(last, memory, 0, 4096)).isInstanceOf(EOFException.class);
      assertThatThrownBy(() -> file.read(last - 100, memory, 0, 5000))
          .isInstanceOf(EOFException.class);
      assertThatThrownBy(() -> file.read(last + 4096, memory, 0, 4096))
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void S0_2_aFileSystemInMemoryIsReadThroughThePageCacheAndCounted() throws IOException {
    Path memory = Files.createTempDirectory(Path.of("/dev/shm"), "device");
    try {
      assertThat(FileSystemType.of(memory))
          .as("of /dev/shm")
          .isEqualTo(new FileSystemType("tmpfs"));
      byte[] bytes = new byte[5000];
      try (DeviceFile file = DeviceFile.of(file(memory))) {
        for (int i = 0; i < 3; i++) {
          assertThat(file.read(0, MemorySegment.ofArray(bytes), 0, 5000)).isFalse();
        }
        assertThat(file.fallbacks()).isEqualTo(3);
      }
      try (MappedSource source = MappedSource.open(memory.resolve("file"))) {
        source.readFromDevice(100, MemorySegment.ofArray(bytes), 0, 5000);
      }
      assertThat(bytes).isEqualTo(Arrays.copyOfRange(content, 100, 5100));
    } finally {
      DiskDirectory.delete(memory);
    }
  }

  @Test
  void aFileSystemThatRefusesTheFlagIsReadThroughThePageCache() throws IOException {
    try (DeviceFile file = DeviceFile.of(Path.of("/proc/version"))) {
      assertThat(file.read(0, MemorySegment.ofArray(new byte[5]), 0, 5)).isFalse();
      assertThat(file.fallbacks()).isEqualTo(1);
    }
  }

  @Test
  void aFileThatTookTheOthersPlaceIsNotRead() throws IOException {
    Path path = file(directory);
    try (MappedSource source = MappedSource.open(path)) {
      Path other = Files.write(directory.resolve("other"), new byte[SIZE]);
      Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
      byte[] bytes = new byte[4096];
      source.readFromDevice(4096, MemorySegment.ofArray(bytes), 0, 4096);
      assertThat(bytes).isEqualTo(Arrays.copyOfRange(content, 4096, 8192));
    }
  }

  @Test
  void aClosedFileIsNotRead() throws IOException {
    DeviceFile never = DeviceFile.of(file(directory));
    DeviceFile once = DeviceFile.of(directory.resolve("file"));
    MemorySegment memory = MemorySegment.ofArray(new byte[10]);
    assertThat(once.read(0, memory, 0, 10)).isTrue();
    never.close();
    once.close();
    assertThatThrownBy(() -> never.read(0, memory, 0, 10)).hasMessageEndingWith("is closed");
    assertThatThrownBy(() -> once.read(0, memory, 0, 10)).hasMessageEndingWith("is closed");
  }
}
