package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fetcher.cache.CacheLimits;
import io.lazerofs.files.FileStatus;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers, fills and evictions of one blob at once, on a real disk. */
@Timeout(240)
class EvictionRandomTest {
  private static final int SIZE = (24 << 20) + 1234;
  private static final long MOST = 10 << 20;
  private static final int READERS = 8;
  private static final int READS = 250;

  /** Requests of eight units, each with a step on its way to the disk; and the presence file. */
  private static final long UNDER_WAY = READERS * 16L * UNIT + (1 << 20);

  private final Path directory = DiskDirectory.create();

  @AfterEach
  void delete() throws IOException {
    DiskDirectory.delete(directory);
  }

  @Test
  void noReadGetsAWrongByteAndTheBoundHolds() throws Exception {
    long seed = new Random().nextLong();
    CacheLimits limits = new CacheLimits(OptionalLong.of(MOST), 90, 60);
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, limits, SIZE);
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      AtomicBoolean reading = new AtomicBoolean(true);
      Future<Long> most = fixture.async(() -> mostTaken(reading));
      List<Future<Integer>> readers = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        Random random = new Random(seed + reader);
        boolean device = reader % 2 == 1;
        readers.add(fixture.async(() -> readRandomly(fixture, blob, random, device)));
      }
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).as("wrong reads, seed %d", seed).isZero();
      }
      reading.set(false);
      assertThat(most.get()).as("bytes of disk, seed %d", seed).isLessThan(MOST + UNDER_WAY);
      assertThat(fixture.cacheStatistics().evictedBytes()).isGreaterThan(MOST);
      assertThat(taken()).isPositive().isLessThanOrEqualTo(MOST + UNDER_WAY);
    }
  }

  private static int readRandomly(
      LazyBlobFixture fixture, LazyBlob blob, Random random, boolean device) throws IOException {
    int wrong = 0;
    MemorySegment content = MemorySegment.ofArray(fixture.content);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4 * UNIT, 4096);
      for (int i = 0; i < READS; i++) {
        long offset = random.nextInt(SIZE);
        long length = 1 + random.nextLong(Math.min(SIZE - offset, 4 * UNIT));
        Waiting.on(() -> {
          if (device) {
            blob.readFromDevice(offset, memory, 0, length);
          } else {
            blob.read(offset, memory, 0, length);
          }
          return true;
        });
        if (MemorySegment.mismatch(memory, 0, length, content, offset, offset + length) >= 0) {
          wrong++;
        }
      }
    }
    return wrong;
  }

  private long mostTaken(AtomicBoolean reading) throws IOException {
    long most = 0;
    while (reading.get()) {
      most = Math.max(most, taken());
      Thread.yield();
    }
    return most;
  }

  private long taken() throws IOException {
    long taken = 0;
    try (var files = Files.newDirectoryStream(directory.resolve("blobs"))) {
      for (Path file : files) {
        taken += FileStatus.of(file).allocatedBytes();
      }
    }
    return taken;
  }
}
