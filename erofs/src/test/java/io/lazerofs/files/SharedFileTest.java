package io.lazerofs.files;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.sys.SystemCallException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SharedFileTest {
  private static final int SIZE = 300_000;

  @TempDir private Path directory;
  private final byte[] content = new byte[SIZE];

  private Path file() throws IOException {
    new Random(7).nextBytes(content);
    return Files.write(directory.resolve("file"), content);
  }

  @Test
  void readsARangeIntoAPartOfMemory() throws IOException {
    try (Arena arena = Arena.ofConfined();
        SharedFile file = SharedFile.open(file())) {
      MemorySegment memory = arena.allocate(1000);
      file.read(SIZE - 500, memory, 400, 500);
      for (int i = 0; i < 1000; i++) {
        int expected = i < 400 || i >= 900 ? 0 : content[SIZE - 500 + i - 400];
        assertThat(memory.get(JAVA_BYTE, i)).as("byte %d", i).isEqualTo((byte) expected);
      }
    }
  }

  @Test
  void A3_aFileThatEndsWithinTheRangeIsAFailureAndNoZeros() throws IOException {
    try (Arena arena = Arena.ofConfined();
        SharedFile file = SharedFile.open(file())) {
      MemorySegment memory = arena.allocate(1000);
      assertThatThrownBy(() -> file.read(SIZE - 999, memory, 0, 1000))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining(Integer.toString(SIZE));
      assertThatThrownBy(() -> file.read(SIZE + 5, memory, 0, 1)).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void refusesMemoryThatTheKernelCannotWriteTo() throws IOException {
    try (Arena arena = Arena.ofConfined();
        SharedFile file = SharedFile.open(file())) {
      MemorySegment memory = arena.allocate(10);
      assertThatThrownBy(() -> file.read(0, memory, 5, 6))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> file.read(0, memory.asReadOnly(), 0, 5))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> file.read(0, MemorySegment.ofArray(new byte[5]), 0, 5))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anErrorOfTheKernelIsToldWithItsNumber() throws IOException {
    try (Arena arena = Arena.ofConfined();
        SharedFile file = SharedFile.open(directory)) {
      assertThatThrownBy(() -> file.read(0, arena.allocate(10), 0, 10))
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("errno 21"); // EISDIR
    }
  }

  @Test
  void closingWaitsForReadersAndNoneReadsAnotherFile() throws Exception {
    Path path = file();
    byte[] other = new byte[SIZE];
    Path foreign = Files.write(directory.resolve("foreign"), other);
    for (int round = 0; round < 200; round++) {
      SharedFile file = SharedFile.open(path);
      List<Future<Integer>> readers = new ArrayList<>();
      AtomicInteger begun = new AtomicInteger();
      try (var threads = Executors.newCachedThreadPool()) {
        for (int i = 0; i < 4; i++) {
          long offset = 1 + i * 1000L;
          readers.add(threads.submit(() -> readUntilClosed(file, offset, begun)));
        }
        while (begun.get() < 40) {
          Thread.onSpinWait();
        }
        file.close();
        // It gets the number that was just given free, when nothing else does.
        try (SharedFile next = SharedFile.open(foreign)) {
          assertThat(next.descriptor().number()).isPositive();
          for (Future<Integer> reader : readers) {
            assertThat(reader.get()).as("wrong reads").isZero();
          }
        }
      }
      file.close();
    }
  }

  /** Returns how many reads gave other bytes than the file's. */
  private int readUntilClosed(SharedFile file, long offset, AtomicInteger begun) {
    int wrong = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4096);
      while (true) {
        file.read(offset, memory, 0, 4096);
        begun.incrementAndGet();
        if (memory.mismatch(MemorySegment.ofArray(content).asSlice(offset, 4096)) >= 0) {
          wrong++;
        }
      }
    } catch (IOException e) {
      assertThat(e).hasMessageEndingWith("is closed");
      return wrong;
    }
  }

  @Test
  void moreReadersThanSeatsAllGetTheirBytes() throws Exception {
    try (SharedFile file = SharedFile.open(file());
        var threads = Executors.newFixedThreadPool(80)) {
      List<Future<Boolean>> readers = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        long seed = i;
        readers.add(threads.submit(() -> readsAreRight(file, new Random(seed))));
      }
      for (Future<Boolean> reader : readers) {
        assertThat(reader.get()).isTrue();
      }
    }
  }

  private boolean readsAreRight(SharedFile file, Random random) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(8192);
      for (int i = 0; i < 300; i++) {
        int offset = random.nextInt(SIZE - 8192);
        file.read(offset, memory, 0, 8192);
        if (memory.mismatch(MemorySegment.ofArray(content).asSlice(offset, 8192)) >= 0) {
          return false;
        }
      }
      return true;
    }
  }
}
