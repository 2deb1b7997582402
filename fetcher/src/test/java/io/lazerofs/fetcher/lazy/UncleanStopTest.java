package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static io.lazerofs.fetcher.lazy.LazyBlobFixture.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.CacheFixture;
import io.lazerofs.fetcher.cache.TreeFixture;
import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A blob with a hash tree, in a cache that a process left without closing it. */
@Timeout(60)
class UncleanStopTest {
  private static final int BLOCK = 4096;
  private static final FetchPolicy POLICY = new FetchPolicy(UNIT, UNIT, 0, 16 * UNIT);

  @TempDir private Path directory;
  private final CacheFixture threads = new CacheFixture();
  private final FetchStatistics statistics = new FetchStatistics();
  private final TreeFixture tree;
  private Path left;

  @SuppressWarnings("NullAway.Init") // paths are set before each test
  UncleanStopTest() throws IOException {
    tree = TreeFixture.of(6, 100);
  }

  @BeforeEach
  void makeDirectory() throws IOException {
    left = Files.createDirectories(directory.resolve("left"));
  }

  @AfterEach
  void stopThreads() {
    threads.close();
  }

  /** Fills a part, and copies the files as they are while the blob is open. */
  private void fillAndLeave(long offset, long length) throws IOException {
    Path live = directory.resolve("live");
    try (BlobCache cache = threads.open(live);
        LazyBlob blob = open(cache, new Origin(tree.content()))) {
      blob.fill(offset, length);
      cache.flush();
      if (length == blob.size()) {
        await().until(() -> blob.memory().byteSize() > 0);
      }
      Files.createDirectories(left.resolve("blobs"));
      try (var files = Files.newDirectoryStream(live.resolve("blobs"))) {
        for (Path file : files) {
          Files.copy(file, left.resolve("blobs").resolve(file.getFileName()));
        }
      }
    }
  }

  private LazyBlob open(BlobCache cache, RangeReader origin) throws IOException {
    return new LazyBlobs(cache, POLICY, threads.threads(), statistics).open(tree.key(), origin);
  }

  private void damage(long offset) throws IOException {
    try (var files = Files.newDirectoryStream(left.resolve("blobs"), "*.data");
        FileChannel data = FileChannel.open(files.iterator().next(), StandardOpenOption.WRITE)) {
      data.write(ByteBuffer.wrap(new byte[BLOCK]), offset);
    }
  }

  private byte[] slice(int offset, int length) {
    return Arrays.copyOfRange(tree.content(), offset, offset + length);
  }

  @Test
  void whatIsOnDiskIsAbsentUntilItIsVerifiedAndThenPresentWithoutTheNetwork() throws Exception {
    fillAndLeave(0, 2 * UNIT);
    Origin origin = new Origin(tree.content());
    try (BlobCache cache = threads.open(left);
        LazyBlob blob = open(cache, origin)) {
      assertThat(blob.presentBytes()).isZero();
      assertThatThrownBy(() -> blob.read(0, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(AbsentException.class);
      assertThat(read(blob, 100, 2 * UNIT - 100)).isEqualTo(slice(100, 2 * UNIT - 100));
      assertThat(origin.requests()).isEmpty();
      assertThat(statistics.snapshot().verificationFailures()).isZero();
    }
  }

  @Test
  void blocksThatAreWrongOnDiskAreFetchedAndNoOther() throws Exception {
    for (long wrong :
        List.of(3L * BLOCK, tree.root().hashOffset(), tree.root().hashOffset() + BLOCK)) {
      left = Files.createDirectories(directory.resolve("left" + wrong));
      delete(directory.resolve("live"));
      fillAndLeave(0, 2 * UNIT);
      damage(wrong);
      Origin origin = new Origin(tree.content());
      try (BlobCache cache = threads.open(left);
          LazyBlob blob = open(cache, origin)) {
        assertThat(read(blob, 0, 2 * UNIT)).as("%d", wrong).isEqualTo(slice(0, 2 * UNIT));
        assertThat(origin.requests())
            .as("%d", wrong)
            .isNotEmpty()
            .allMatch(range -> range.overlaps(wrong, wrong + BLOCK))
            .allMatch(range -> range.length() <= 2 * BLOCK);
        assertThat(statistics.snapshot().verificationFailures()).isPositive();
      }
    }
  }

  private static void delete(Path blobs) throws IOException {
    if (Files.exists(blobs)) {
      DiskDirectory.delete(blobs);
    }
  }

  @Test
  void aBlobThatWasSealedIsCheckedAndSealedAgain() throws Exception {
    fillAndLeave(0, tree.content().length);
    Origin origin = new Origin(tree.content());
    try (BlobCache cache = threads.open(left);
        LazyBlob blob = open(cache, origin)) {
      await().until(() -> blob.memory().byteSize() > 0);
      assertThat(read(blob, 0, tree.content().length)).isEqualTo(tree.content());
      assertThat(origin.requests()).isEmpty();
    }
  }

  @Test
  void aBlobThatWasSealedAndIsWrongNowIsNotSealedBeforeItIsRight() throws Exception {
    fillAndLeave(0, tree.content().length);
    damage(50 * BLOCK);
    Origin origin = new Origin(tree.content());
    try (BlobCache cache = threads.open(left);
        LazyBlob blob = open(cache, origin)) {
      assertThat(read(blob, 0, tree.content().length)).isEqualTo(tree.content());
      assertThat(origin.requests()).containsExactly(new ByteRange(50 * BLOCK, 51 * BLOCK));
      await().until(() -> blob.memory().byteSize() > 0);
    }
  }

  @Test
  void whatNobodyReadIsStillToBeVerifiedAfterAStopThatWasClean() throws Exception {
    fillAndLeave(0, 2 * UNIT);
    damage(3 * BLOCK);
    try (BlobCache cache = threads.open(left);
        LazyBlob blob = open(cache, new Origin(tree.content()))) {
      assertThat(read(blob, UNIT, UNIT)).isEqualTo(slice(UNIT, UNIT));
    }
    try (BlobCache cache = threads.open(left);
        LazyBlob blob = open(cache, new Origin(tree.content()))) {
      assertThat(read(blob, 0, UNIT)).isEqualTo(slice(0, UNIT));
    }
  }
}
