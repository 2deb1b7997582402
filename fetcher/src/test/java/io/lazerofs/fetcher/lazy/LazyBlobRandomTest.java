package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static io.lazerofs.fetcher.lazy.LazyBlobFixture.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LazyBlobRandomTest {
  private static final int SIZE = 100 * UNIT + 777;
  private static final int READERS = 16;

  @TempDir Path directory;

  @Test
  void manyReadersOfRandomRangesFetchNoUnitTwice() throws Exception {
    long seed = 0xF17;
    for (int round = 0; round < 10; round++) {
      try (LazyBlobFixture fixture =
          new LazyBlobFixture(directory.resolve("round" + round), SIZE)) {
        Origin origin = new Origin(fixture.content);
        try (LazyBlob blob = fixture.open(origin)) {
          readRandomly(fixture, blob, seed + round, 40, "seed " + (seed + round));
        }
        BitSet requested = new BitSet();
        for (ByteRange range : origin.requests()) {
          int first = (int) (range.start() / 4096);
          int end = (int) ((range.end() + 4095) / 4096);
          assertThat(requested.get(first, end).isEmpty())
              .as("seed %d: %s", seed + round, range)
              .isTrue();
          requested.set(first, end);
        }
      }
    }
  }

  @Test
  void everyReadThatSucceedsIsRightHoweverTheSourceFails() throws Exception {
    long seed = 0xBAD;
    Random random = new Random(seed);
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory.resolve("cache"), SIZE)) {
      Origin origin = new Origin(fixture.content);
      origin.answer(flaky(origin, random));
      try (LazyBlob blob = fixture.open(origin)) {
        long failures = readRandomly(fixture, blob, seed, 100, "seed " + seed);
        assertThat(failures).as("the source is flaky").isPositive();
        origin.answerNormally();
        assertThat(read(blob, 0, SIZE)).isEqualTo(fixture.content);
      }
    }
  }

  @Test
  void aCopyOfTheCacheAtAnyTimeServesOnlyRightBytes() throws Exception {
    long seed = 0xC0B1;
    Random random = new Random(seed);
    Path live = directory.resolve("live");
    long presentInAll = 0;
    try (LazyBlobFixture fixture = new LazyBlobFixture(live, SIZE)) {
      Origin origin = new Origin(fixture.content);
      origin.answer(flaky(origin, random));
      try (LazyBlob blob = fixture.open(origin)) {
        for (int copy = 0; copy < 20; copy++) {
          String at = "seed " + seed + ", copy " + copy;
          long readSeed = seed + copy;
          Future<Long> reading = fixture.async(() -> readRandomly(fixture, blob, readSeed, 1, at));
          fixture.flush();
          Path copied = directory.resolve("copy" + copy);
          copyBlobs(live, copied);
          presentInAll += assertServesRightBytes(copied, at);
          assertThat(reading.get()).isNotNegative();
        }
      }
    }
    assertThat(presentInAll).as("copies have content").isGreaterThan(SIZE);
  }

  /** Reads with many threads; returns how many reads failed. */
  private static long readRandomly(
      LazyBlobFixture fixture, LazyBlob blob, long seed, int reads, String at) throws Exception {
    AtomicLong failures = new AtomicLong();
    List<Future<Boolean>> readers = new ArrayList<>();
    for (int reader = 0; reader < READERS; reader++) {
      Random random = new Random(seed * 31 + reader);
      Callable<Boolean> task =
          () -> {
            for (int i = 0; i < reads; i++) {
              int offset = random.nextInt(SIZE);
              int length = 1 + random.nextInt(Math.min(SIZE - offset, 6 * UNIT));
              try {
                assertThat(Arrays.equals(read(blob, offset, length), fixture.slice(offset, length)))
                    .as("%s: %d bytes at %d", at, length, offset)
                    .isTrue();
              } catch (FetchFailedException e) {
                failures.incrementAndGet();
              }
            }
            return true;
          };
      readers.add(fixture.async(task));
    }
    for (Future<Boolean> reader : readers) {
      assertThat(reader.get()).isTrue();
    }
    return failures.get();
  }

  /** Fails a third of the requests: with an error at once or half-way, with less, with more. */
  private static RangeReader flaky(Origin origin, Random random) {
    return (offset, length, sink) -> {
      int fate;
      long part;
      synchronized (random) {
        fate = random.nextInt(12);
        part = random.nextLong(length);
      }
      switch (fate) {
        case 0 -> throw new IOException("refused");
        case 1 -> {
          origin.giveAll(offset, part, sink);
          throw new IOException("reset after " + part);
        }
        case 2 -> origin.giveAll(offset, part, sink);
        case 3 -> {
          origin.giveAll(offset, length, sink);
          sink.accept(ByteBuffer.wrap(new byte[(int) part + 1]));
        }
        default -> origin.giveAll(offset, length, sink);
      }
    };
  }

  /** Copies presence before data, as a disk has them: what is claimed present was there before. */
  private static void copyBlobs(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve("blobs"));
    for (String suffix : List.of(".presence", ".data")) {
      try (var files = Files.newDirectoryStream(from.resolve("blobs"), "*" + suffix)) {
        for (Path file : files) {
          Files.copy(file, to.resolve("blobs").resolve(file.getFileName()));
        }
      }
    }
  }

  private static long assertServesRightBytes(Path copied, String at) throws IOException {
    try (LazyBlobFixture fixture = new LazyBlobFixture(copied, SIZE);
        LazyBlob blob = fixture.open(new Origin(new byte[0]))) {
      for (int offset = 0; offset < SIZE; offset += 4096) {
        byte[] bytes = new byte[Math.min(4096, SIZE - offset)];
        try {
          blob.read(offset, MemorySegment.ofArray(bytes));
        } catch (AbsentException e) {
          continue;
        }
        assertThat(bytes)
            .as("%s, offset %d", at, offset)
            .isEqualTo(fixture.slice(offset, bytes.length));
      }
      return blob.presentBytes();
    }
  }
}
