package io.lazerofs.fetcher.cache;

import static io.lazerofs.fetcher.cache.CacheFixture.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.cache.ScrubReport.WrongRange;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScrubTest {
  private static final int BLOCK = CachedBlob.BLOCK_BYTES;
  private static final Instant LAST_YEAR = Instant.parse("2024-01-01T00:00:00Z");

  @TempDir Path directory;
  private final CacheFixture fixture = new CacheFixture();

  @AfterEach
  void stopThreads() {
    fixture.close();
  }

  @Test
  void aFlippedByteOfABlobWithATreeCostsItsBlockAndNoOther() throws IOException {
    TreeFixture tree = stored(TreeFixture.of(1, 300));
    flip(tree.key(), 7L * BLOCK + 5);
    try (BlobCache cache = fixture.open(directory)) {
      ScrubReport report = scrub(cache, tree.key());

      assertThat(report.wrong()).containsExactly(new WrongRange(7L * BLOCK, 8L * BLOCK));
      assertThat(report.rightBytes()).isEqualTo(tree.content().length - BLOCK);
      assertThat(report.unverifiableBytes()).isZero();
      try (CachedBlob blob = cache.blob(tree.key())) {
        assertThat(blob.isPresent(7L * BLOCK, BLOCK)).isFalse();
        assertThat(blob.isPresent(0, 7L * BLOCK)).isTrue();
        store(blob, tree.content(), 7 * BLOCK, BLOCK);
      }
      assertThat(scrub(cache, tree.key()).wrong()).isEmpty();
    }
  }

  @Test
  void whatWasDroppedIsAbsentAfterARestartToo() throws IOException {
    TreeFixture tree = stored(TreeFixture.of(2, 40));
    flip(tree.key(), 3L * BLOCK);
    try (BlobCache cache = fixture.open(directory)) {
      scrub(cache, tree.key());
    }
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(tree.key())) {
      assertThat(blob.isPresent(3L * BLOCK, BLOCK)).isFalse();
      assertThat(blob.isSealed()).isFalse();
    }
  }

  @Test
  void aWrongBlockOfTheTreeCondemnsNoData() throws IOException {
    TreeFixture tree = stored(TreeFixture.of(3, 300));
    // 300 hashes fill three blocks; the last of the blob has those of the blocks from 256 on.
    long leaf = tree.content().length - BLOCK;
    flip(tree.key(), leaf);
    try (BlobCache cache = fixture.open(directory)) {
      ScrubReport report = scrub(cache, tree.key());

      assertThat(report.wrong()).containsExactly(new WrongRange(leaf, leaf + BLOCK));
      assertThat(report.unverifiableBytes()).isEqualTo((300L - 256) * BLOCK);
    }
  }

  @Test
  void aFlippedByteAtTheTopOfTheTreeIsFound() throws IOException {
    TreeFixture tree = stored(TreeFixture.of(4, 300));
    long top = tree.root().hashOffset();
    flip(tree.key(), top + BLOCK);
    try (BlobCache cache = fixture.open(directory)) {
      assertThat(scrub(cache, tree.key()).wrong())
          .containsExactly(new WrongRange(top, top + 2L * BLOCK));
    }
  }

  @Test
  void aCompleteBlobWithoutATreeIsHeldAgainstItsDigest() throws IOException {
    byte[] content = CacheFixture.content(5, 10 * BLOCK + 7);
    BlobKey key = new BlobKey(Digest.of(content), content.length);
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(key)) {
      store(blob, content, 0, content.length);
      await().until(blob::isSealed);
      assertThat(scrub(cache, key).rightBytes()).isEqualTo(content.length);
      flip(key, 12_345);
      assertThat(scrub(cache, key).wrong()).containsExactly(new WrongRange(0, content.length));
      assertThat(blob.presentBytes()).isZero();
      assertThat(blob.memory().byteSize()).isZero();
    }
  }

  @Test
  void aPartOfABlobWithoutATreeCannotBeVerifiedAndStays() throws IOException {
    byte[] content = CacheFixture.content(6, 10 * BLOCK);
    BlobKey key = new BlobKey(Digest.of(content), content.length);
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(key)) {
      store(blob, content, 0, 4 * BLOCK);
      assertThat(scrub(cache, key).unverifiableBytes()).isEqualTo(4L * BLOCK);
      assertThat(blob.presentBytes()).isEqualTo(4L * BLOCK);
    }
  }

  @Test
  void aVerificationIsNoUse() throws IOException {
    TreeFixture tree = stored(TreeFixture.of(7, 20));
    Path presence = directory.resolve("blobs/" + tree.key().fileName() + ".presence");
    Files.setLastModifiedTime(presence, FileTime.from(LAST_YEAR));
    try (BlobCache cache = fixture.open(directory)) {
      scrub(cache, tree.key());
      assertThat(kept(cache, tree.key()).lastUse()).isEqualTo(LAST_YEAR);
    }
  }

  @Test
  void whatIsOnDiskIsListedOpenOrNot() throws IOException {
    TreeFixture tree = stored(TreeFixture.of(8, 20));
    byte[] content = CacheFixture.content(9, 10 * BLOCK);
    BlobKey plain = new BlobKey(Digest.of(content), content.length);
    Files.writeString(directory.resolve("blobs/unknown.data"), "x");
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(plain)) {
      store(blob, content, 0, 2 * BLOCK);
      assertThat(cache.list()).hasSize(2);
      KeptBlob closed = kept(cache, tree.key());
      assertThat(closed.open()).isFalse();
      assertThat(closed.verified()).isTrue();
      assertThat(closed.presentBytes()).isEqualTo(tree.content().length);
      assertThat(closed.allocatedBytes()).isGreaterThanOrEqualTo(tree.content().length);
      KeptBlob open = kept(cache, plain);
      assertThat(open.open()).isTrue();
      assertThat(open.verified()).isFalse();
      assertThat(open.presentBytes()).isEqualTo(2L * BLOCK);
    }
  }

  @Test
  void pruningRemovesWhatNobodyKeepsAndEvictingAllTheRest() throws IOException {
    TreeFixture wanted = stored(TreeFixture.of(10, 20));
    TreeFixture unwanted = stored(TreeFixture.of(11, 20));
    TreeFixture used = stored(TreeFixture.of(12, 20));
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(used.key())) {
      long freed = cache.prune(wanted.key()::equals);

      assertThat(freed).isGreaterThanOrEqualTo(unwanted.content().length);
      assertThat(cache.list())
          .extracting(KeptBlob::key)
          .containsExactlyInAnyOrder(wanted.key(), used.key());
      assertThat(cache.evictAll()).isGreaterThanOrEqualTo(wanted.content().length);
      assertThat(cache.list()).extracting(KeptBlob::key).containsExactly(used.key());
    }
  }

  @Test
  void theNameOfAFileLeadsBackToItsKey() throws IOException {
    BlobKey withTree = TreeFixture.of(13, 2).key();
    BlobKey plain = new BlobKey(withTree.digest(), 5);

    assertThat(BlobKey.parse(withTree.fileName())).contains(withTree);
    assertThat(BlobKey.parse(plain.fileName())).contains(plain);
    assertThat(BlobKey.parse("abc.5")).isEmpty();
    assertThat(BlobKey.parse(plain.fileName() + "." + plain.digest().hex() + ".7")).isEmpty();
  }

  /** Puts all of a blob into the cache, and closes it. */
  private TreeFixture stored(TreeFixture tree) throws IOException {
    int top = (int) tree.root().hashOffset();
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(tree.key())) {
      store(blob, tree.content(), top, tree.content().length - top);
      store(blob, tree.content(), 0, top);
      await().until(blob::isSealed);
    }
    return tree;
  }

  private void flip(BlobKey key, long offset) throws IOException {
    Path data = directory.resolve("blobs/" + key.fileName() + ".data");
    try (RandomAccessFile file = new RandomAccessFile(data.toFile(), "rw")) {
      file.seek(offset);
      int old = file.read();
      file.seek(offset);
      file.write(old ^ 0x20);
    }
  }

  private static ScrubReport scrub(BlobCache cache, BlobKey key) throws IOException {
    return cache.scrub(kept(cache, key));
  }

  private static KeptBlob kept(BlobCache cache, BlobKey key) throws IOException {
    return cache.list().stream().filter(blob -> blob.key().equals(key)).findFirst().orElseThrow();
  }
}
