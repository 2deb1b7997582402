package io.lazerofs.it.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The fuzzer finds the faults of a broken reader: one that does something wrong whenever the
 * superblock's number of inodes, which our reader does not look at, is not the right one.
 */
final class FuzzerTest {
  private static final Path FIXTURES = Path.of("..", "erofs", "src", "test", "resources", "erofs");
  private static final int INODES = Superblock.OFFSET + 16;
  private static final long SEED = 20_261_121L;
  private static final Duration LONG = Duration.ofHours(1);
  private static final TimeLimit OF_PROCESSOR = new TimeLimit(Duration.ofSeconds(1), LONG);
  private static final TimeLimit OF_WALL = new TimeLimit(LONG, Duration.ofSeconds(3));

  @TempDir Path directory;

  private final List<Original> originals = List.of(Corpus.load(FIXTURES, "plain"));
  private final CountDownLatch end = new CountDownLatch(1);

  FuzzerTest() throws IOException {}

  /** Lets the threads go that a fault holds. */
  @AfterEach
  void end() {
    end.countDown();
  }

  @Test
  void exceptionsThatAreNotTheReadersAreFound() throws Exception {
    assertFound(
        TimeLimit.DEFAULT,
        source -> {
          throw new NullPointerException();
        },
        NullPointerException.class);
  }

  @Test
  void failuresOfAnyOtherSourceAreFound() throws Exception {
    assertFound(
        TimeLimit.DEFAULT,
        source -> {
          throw new AbsentException(source, 0, 1);
        },
        AbsentException.class);
  }

  @Test
  void stacksThatAreUsedUpAreFound() throws Exception {
    assertFound(TimeLimit.DEFAULT, this::recurse, StackOverflowError.class);
  }

  private void recurse(ByteSource source) throws IOException {
    if (end.getCount() > 0) {
      recurse(source);
    }
    source.fill(0, 1);
  }

  @Test
  void accessesOutsideTheImageAreFound() throws Exception {
    assertFound(
        TimeLimit.DEFAULT,
        source -> source.read(source.size() - 1, MemorySegment.ofArray(new byte[2])),
        GuardedSource.OutsideException.class);
  }

  @Test
  void memoryBeyondTheLimitIsFound() throws Exception {
    assertFound(
        TimeLimit.DEFAULT,
        source ->
            source.read(0, MemorySegment.ofArray(new byte[(int) Walk.CALL_MEMORY]).asSlice(0, 1)),
        Walk.MemoryException.class);
  }

  @Test
  void loopsAreFound() throws Exception {
    assertFound(
        OF_PROCESSOR,
        source -> {
          while (end.getCount() > 0) {
            Thread.onSpinWait();
          }
        },
        IllegalStateException.class);
  }

  @Test
  void waitsThatDoNotEndAreFound() throws Exception {
    assertFound(
        OF_WALL,
        source -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        },
        IllegalStateException.class);
  }

  @Test
  void aSoundReaderHasNoFindingsAndEveryMutantIsCounted() throws Exception {
    Fuzzer.Result result = Fuzzer.of(originals).run(SEED, 300, 2);
    assertThat(result.findings()).isEmpty();
    assertThat(result.mutants()).isEqualTo(300);
    assertThat(result.outcomes().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(300);
  }

  /** What a reader does wrong. */
  @FunctionalInterface
  private interface Fault {
    void happen(ByteSource source) throws IOException;
  }

  /** Requires that a fault is found, written to a file, and found again by what the file says. */
  private void assertFound(TimeLimit limit, Fault fault, Class<? extends Throwable> cause)
      throws Exception {
    System.out.println("seed " + SEED);
    long inodes =
        Walk.open(new Workpiece(originals.getFirst()).sources(true)).superblock().inodes();
    Walk.Reader broken =
        devices -> {
          ByteSource primary = devices.getFirst();
          MemorySegment field = MemorySegment.ofArray(new byte[Long.BYTES]);
          if (primary.size() >= INODES + field.byteSize()) {
            primary.read(INODES, field);
            if (LittleEndian.i64(field, 0) != inodes) {
              fault.happen(primary);
            }
          }
          return Walk.open(devices);
        };
    Fuzzer fuzzer = new Fuzzer(originals, broken, limit);
    Fuzzer.Result result = fuzzer.run(SEED, 3_000, 2);
    assertThat(result.findings()).isNotEmpty();
    assertThat(result.findings()).extracting(Finding::cause).hasOnlyElementsOfType(cause);
    Path file = result.findings().getFirst().write(directory);
    assertThat(file).content().contains(cause.getSimpleName());
    Mutant mutant = Mutant.parse(file, originals);
    assertThat(fuzzer.replay(mutant)).containsInstanceOf(cause);
    assertThat(Fuzzer.of(originals).replay(mutant)).isEmpty();
  }
}
