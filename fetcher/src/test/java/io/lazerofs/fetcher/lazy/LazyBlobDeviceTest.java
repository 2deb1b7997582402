package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.files.FileSystemType;
import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads of a blob past the page cache of its file. */
@Timeout(60)
class LazyBlobDeviceTest {
  /** The last block is shorter than the others, and so is the last sector. */
  private static final int SIZE = 20 * UNIT + 700;

  private static final int READS = 1000;

  @Test
  void S0_3_randomRangesReadTheSameThroughThePageCacheAndPastIt() throws IOException {
    Path directory = DiskDirectory.create();
    try {
      assertThat(pageCacheFallbacks(directory)).isZero();
    } finally {
      DiskDirectory.delete(directory);
    }
  }

  @Test
  void S0_2_aCacheInMemoryGivesTheSameBytesAndCountsEachFallback() throws IOException {
    Path directory = Files.createTempDirectory(Path.of("/dev/shm"), "cache");
    try {
      assertThat(FileSystemType.of(directory)).isEqualTo(new FileSystemType("tmpfs"));
      assertThat(pageCacheFallbacks(directory)).isEqualTo(READS);
    } finally {
      DiskDirectory.delete(directory);
    }
  }

  /** Compares random reads of a blob that is filled meanwhile; returns how many fell back. */
  private static long pageCacheFallbacks(Path directory) throws IOException {
    long seed = 0x503;
    Random random = new Random(seed);
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, SIZE);
        Arena arena = Arena.ofConfined();
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      MemorySegment memory = arena.allocate(2L * SIZE, 4096);
      for (int i = 0; i < READS; i++) {
        int grain = 1 << random.nextInt(13);
        int offset = random.nextInt(SIZE) / grain * grain;
        int length = Math.min(SIZE - offset, (random.nextInt(3 * UNIT) / grain + 1) * grain);
        int at = random.nextInt(SIZE) / grain * grain;
        if (blob.presentBytes() < SIZE) {
          blob.fill(offset, length);
        }
        blob.readFromDevice(offset, memory, at, length);
        assertThat(memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE))
            .as("seed %d, read %d: %d bytes at %d to %d", seed, i, length, offset, at)
            .isEqualTo(fixture.slice(offset, length));
        blob.read(offset, memory, at, length);
        assertThat(memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE))
            .as("seed %d, read %d from the page cache", seed, i)
            .isEqualTo(fixture.slice(offset, length));
      }
      return fixture.statistics.snapshot().pageCacheFallbacks();
    }
  }

  @Test
  void absentBytesAreNeverReadFromTheDevice() throws IOException {
    Path directory = DiskDirectory.create();
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, SIZE);
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      blob.fill(0, UNIT);
      MemorySegment memory = MemorySegment.ofArray(new byte[8192]);
      assertThatThrownBy(() -> blob.readFromDevice(UNIT - 4096, memory, 0, 8192))
          .isInstanceOf(AbsentException.class);
    } finally {
      DiskDirectory.delete(directory);
    }
  }
}
