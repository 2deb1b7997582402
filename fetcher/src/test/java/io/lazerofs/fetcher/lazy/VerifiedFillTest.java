package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static io.lazerofs.fetcher.lazy.LazyBlobFixture.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.CacheFixture;
import io.lazerofs.fetcher.cache.TreeFixture;
import io.lazerofs.fetcher.cache.WrongBytesException;
import io.lazerofs.fetcher.lazy.GatedOrigin.Answer;
import io.lazerofs.source.ByteSource;
import io.lazerofs.verity.VerityGeometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fills of a blob with a hash tree of two levels, of 300 blocks of data unless a test says more.
 */
@Timeout(120)
class VerifiedFillTest {
  private static final int BLOCK = 4096;
  private static final int DATA_BLOCKS = 300;
  private static final FetchPolicy POLICY = new FetchPolicy(UNIT, UNIT, 0, 16 * UNIT);

  @TempDir private Path directory;
  private final CacheFixture threads = new CacheFixture();
  private final FetchStatistics statistics = new FetchStatistics();
  private final TreeFixture tree;
  private final VerityGeometry geometry;

  @SuppressWarnings("NullAway.Init") // the directory is made before each test
  VerifiedFillTest() throws IOException {
    tree = TreeFixture.of(5, DATA_BLOCKS);
    geometry = tree.root().geometry();
  }

  @AfterEach
  void stopThreads() {
    threads.close();
  }

  private interface Use {
    void of(LazyBlob blob) throws Exception;
  }

  private void with(TreeFixture fixture, RangeReader origin, Use use) throws Exception {
    try (BlobCache cache = threads.open(directory);
        LazyBlob blob =
            new LazyBlobs(cache, POLICY, threads.threads(), statistics)
                .open(fixture.key(), origin)) {
      use.of(blob);
    }
  }

  private byte[] slice(long offset, int length) {
    return Arrays.copyOfRange(tree.content(), (int) offset, (int) offset + length);
  }

  @Test
  void aReadFetchesItsUnitAndTheWayToItFromTheRootHash() throws Exception {
    Origin origin = new Origin(tree.content());
    with(
        tree,
        origin,
        blob -> {
          assertThat(read(blob, 9 * BLOCK + 5, 100)).isEqualTo(slice(9 * BLOCK + 5, 100));
          // The tree is of 1 + 1 + 3 blocks, less than a unit.
          assertThat(origin.requests())
              .containsExactlyInAnyOrder(
                  new ByteRange(UNIT, 2 * UNIT),
                  new ByteRange(geometry.hashOffset(), geometry.end()));
          assertThat(read(blob, 200 * BLOCK, BLOCK)).isEqualTo(slice(200 * BLOCK, BLOCK));
          assertThat(origin.requests()).hasSize(3);
        });
  }

  @ParameterizedTest(name = "{0} blocks of data")
  @ValueSource(ints = {1, 2, 127, 128, 129, 1024, 16_385})
  void allOfABlobIsReadBackRight(int blocks) throws Exception {
    TreeFixture sized = TreeFixture.of(blocks, blocks);
    with(
        sized,
        new Origin(sized.content()),
        blob -> {
          assertThat(read(blob, 0, sized.content().length)).isEqualTo(sized.content());
          await().until(() -> blob.memory().byteSize() == sized.content().length);
        });
    assertThat(statistics.snapshot().fetchedBytes()).isEqualTo(sized.content().length);
    assertThat(statistics.snapshot().verificationFailures()).isZero();
  }

  @Test
  void unitsOfASingleBlockAreVerifiedToo() throws Exception {
    FetchPolicy blocks = new FetchPolicy(BLOCK, BLOCK, 0, 16 * BLOCK);
    for (int size : new int[] {1, 31, 300}) {
      TreeFixture sized = TreeFixture.of(size, size);
      try (BlobCache cache = threads.open(directory);
          LazyBlob blob =
              new LazyBlobs(cache, blocks, threads.threads(), statistics)
                  .open(sized.key(), new Origin(sized.content()))) {
        assertThat(read(blob, 0, sized.content().length)).isEqualTo(sized.content());
      }
    }
  }

  @Test
  void aWrongByteAnywhereIsFoundAndNothingWrongIsOnDisk() throws Exception {
    long[] places = {
      0,
      37 * BLOCK + 4095,
      geometry.hashOffset() - 1,
      geometry.hashOffset() + 90,
      geometry.levelOffset(1) + 33,
      geometry.levelOffset(0) + 5
    };
    for (long place : places) {
      try (var files = Files.list(Files.createDirectories(directory.resolve("blobs")))) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      long before = statistics.snapshot().verificationFailures();
      byte[] bad = tree.flipped(place);
      Origin origin = new Origin(bad);
      with(
          tree,
          origin,
          blob -> {
            assertThatThrownBy(() -> read(blob, place < geometry.hashOffset() ? place : 0, 1))
                .as("byte %d is wrong", place)
                .hasStackTraceContaining(WrongBytesException.class.getName());
            assertNothingOnDiskIs(bad, place / BLOCK);
            assertThat(statistics.snapshot().verificationFailures()).isGreaterThan(before);
          });
      with(
          tree,
          new Origin(tree.content()),
          blob ->
              assertThat(read(blob, 0, tree.content().length))
                  .as("right again after a wrong byte at %d", place)
                  .isEqualTo(tree.content()));
    }
  }

  private void assertNothingOnDiskIs(byte[] bad, long block) throws IOException {
    int at = (int) block * BLOCK;
    byte[] wrong = Arrays.copyOfRange(bad, at, at + BLOCK);
    Path data;
    try (var files = Files.newDirectoryStream(directory.resolve("blobs"), "*.data")) {
      data = files.iterator().next();
    }
    byte[] stored = Files.readAllBytes(data);
    assertThat(Arrays.copyOfRange(stored, at, at + BLOCK)).isNotEqualTo(wrong);
  }

  @Test
  void aSourceMayGoOnFromTheWrongBlockWithRightBytes() throws Exception {
    byte[] bad = tree.flipped(3 * BLOCK + 7);
    List<Long> wrong = new ArrayList<>();
    RangeReader two =
        (offset, length, sink) -> {
          try {
            new Origin(bad).giveAll(offset, length, sink);
          } catch (WrongBytesException e) {
            wrong.add(e.offset());
            new Origin(tree.content()).giveAll(e.offset(), offset + length - e.offset(), sink);
          }
        };
    with(tree, two, blob -> assertThat(read(blob, 0, UNIT)).isEqualTo(slice(0, UNIT)));
    assertThat(wrong).containsExactly(3L * BLOCK);
    assertThat(statistics.snapshot().verificationFailures()).isEqualTo(1);
  }

  @Test
  void inAnyOrderOfCompletionsOfDataAndTreeEachReaderGetsRightBytes() throws Exception {
    int units = 10;
    TreeFixture large = TreeFixture.of(8, 1200);
    for (long seed = 0x7EE; seed < 0x7EE + 15; seed++) {
      Random random = new Random(seed);
      GatedOrigin origin = new GatedOrigin(large.content(), UNIT / 4);
      try (BlobCache cache = threads.open(directory.resolve("seed" + seed));
          LazyBlob blob =
              new LazyBlobs(cache, POLICY, threads.threads(), statistics)
                  .open(large.key(), origin)) {
        List<Future<byte[]>> readers = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        for (int i = 0; i < units; i++) {
          int offset = random.nextInt(1200 * BLOCK - UNIT);
          offsets.add(offset);
          readers.add(threads.threads().submit(() -> read((ByteSource) blob, offset, UNIT)));
        }
        stepUntilDone(origin, readers, random);
        for (int i = 0; i < units; i++) {
          int offset = offsets.get(i);
          assertThat(readers.get(i).get())
              .as("seed %d, at %d", seed, offset)
              .isEqualTo(Arrays.copyOfRange(large.content(), offset, offset + UNIT));
        }
        assertThat(origin.requests()).as("seed %d", seed).doesNotHaveDuplicates();
      }
    }
  }

  /** Lets the answers that have begun go on, one piece of a random one at a time. */
  private static void stepUntilDone(
      GatedOrigin origin, List<Future<byte[]>> readers, Random random) {
    List<Answer> answers = new ArrayList<>();
    while (!readers.stream().allMatch(Future::isDone)) {
      origin.begun().forEach(answers::add);
      if (!answers.isEmpty()) {
        Collections.shuffle(answers, random);
        answers.getFirst().give(1);
      }
      Thread.onSpinWait();
    }
  }
}
