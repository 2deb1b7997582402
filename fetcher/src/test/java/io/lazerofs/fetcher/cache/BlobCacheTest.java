package io.lazerofs.fetcher.cache;

import static io.lazerofs.fetcher.cache.CacheFixture.store;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobCacheTest {
  private static final int BLOCK = CachedBlob.BLOCK_BYTES;

  @TempDir Path directory;
  private final CacheFixture fixture = new CacheFixture();
  private final byte[] content = CacheFixture.content(1, 40 * BLOCK + 100);
  private final Digest digest = Digest.of(content);

  @AfterEach
  void stopThreads() {
    fixture.close();
  }

  @Test
  void keepsWhatIsPresentAcrossARestart() throws IOException {
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      store(blob, content, 2 * BLOCK, 3 * BLOCK);
      store(blob, content, 40 * BLOCK, 100);
    }

    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      assertThat(blob.presentBytes()).isEqualTo(4 * BLOCK);
      assertThat(blob.isPresent(2 * BLOCK, 3 * BLOCK)).isTrue();
      assertThat(blob.isPresent(40 * BLOCK, 100)).isTrue();
      assertThat(blob.isPresent(BLOCK, 2 * BLOCK)).isFalse();
      assertThat(read(blob, 2 * BLOCK + 5, 1000)).isEqualTo(slice(2 * BLOCK + 5, 1000));
    }
  }

  @Test
  void blobsThatNobodyWantsGoUnlessTheyAreOpen() throws IOException {
    byte[] openContent = CacheFixture.content(2, 8 * BLOCK);
    byte[] unwanted = CacheFixture.content(3, 8 * BLOCK);
    BlobKey wanted = new BlobKey(digest, content.length);
    try (BlobCache cache = fixture.open(directory);
        CachedBlob open = cache.blob(new BlobKey(Digest.of(openContent), openContent.length))) {
      store(open, openContent, 0, 8 * BLOCK);
      for (byte[] closed : List.of(content, unwanted)) {
        try (CachedBlob blob = cache.blob(new BlobKey(Digest.of(closed), closed.length))) {
          store(blob, closed, 0, 8 * BLOCK);
        }
      }
      Path half = directory.resolve("blobs/" + "0".repeat(64) + ".4096.data");
      Files.write(half, new byte[BLOCK]);

      long freed = cache.prune(wanted::equals);

      assertThat(freed).isGreaterThanOrEqualTo(9L * BLOCK);
      assertThat(half).as("what a crash left of a blob").doesNotExist();
      assertThat(read(open, 0, 8 * BLOCK)).isEqualTo(openContent);
      try (CachedBlob kept = cache.blob(wanted);
          CachedBlob gone = cache.blob(new BlobKey(Digest.of(unwanted), unwanted.length))) {
        assertThat(kept.presentBytes()).isEqualTo(8 * BLOCK);
        assertThat(gone.presentBytes()).isZero();
      }
      assertThat(cache.statistics().evictedBytes()).isZero();
    }
  }

  @Test
  void sharesOneOpenBlobAmongItsUsers() throws IOException {
    try (BlobCache cache = fixture.open(directory)) {
      CachedBlob first = cache.blob(new BlobKey(digest, content.length));
      CachedBlob second = cache.blob(new BlobKey(digest, content.length));
      assertThat(second).isSameAs(first);
      store(first, content, 0, BLOCK);
      first.close();
      assertThat(read(second, 0, BLOCK)).isEqualTo(slice(0, BLOCK));
      second.close();
      assertThat(cache.statistics().blobs()).isZero();
      assertThatThrownBy(() -> read(second, 0, BLOCK)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void checksACompleteBlobAndThenGivesItsMemory() throws IOException {
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      store(blob, content, 0, 20 * BLOCK);
      assertThat(blob.memory()).isEqualTo(MemorySegment.NULL);
      store(blob, content, 20 * BLOCK, content.length - 20 * BLOCK);
      await().until(blob::isSealed);
      assertThat(blob.memory().asSlice(7, 9000).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(slice(7, 9000));
      assertThat(cache.statistics())
          .returns(1, CacheStatistics::blobs)
          .returns(1, CacheStatistics::sealedBlobs)
          .returns((long) content.length, CacheStatistics::presentBytes)
          .returns((long) content.length, CacheStatistics::totalBytes);
    }

    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      assertThat(blob.isSealed()).isTrue();
      assertThat(blob.memory().asSlice(0, content.length).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(content);
    }
  }

  @Test
  void anEmptyBlobIsSealedAtOnce() throws IOException {
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(Digest.of(new byte[0]), 0))) {
      await().until(blob::isSealed);
    }
  }

  @Test
  void aCompleteBlobOfAnotherDigestIsAbsentAgainAndRefused() throws IOException {
    Digest other = Digest.of(new byte[] {1});
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(other, content.length))) {
      store(blob, content, 0, content.length);
      await().untilAsserted(() -> assertThat(blob.presentBytes()).isZero());

      assertThatThrownBy(blob::checkUsable)
          .isInstanceOfSatisfying(
              DigestMismatchException.class,
              e -> {
                assertThat(e.expected()).isEqualTo(other);
                assertThat(e.actual()).isEqualTo(digest);
              });
      assertThatThrownBy(() -> store(blob, content, 0, BLOCK))
          .isInstanceOf(DigestMismatchException.class);
      assertThat(blob.memory()).isEqualTo(MemorySegment.NULL);
    }

    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(other, content.length))) {
      assertThat(blob.presentBytes()).isZero();
      blob.checkUsable();
    }
  }

  @Test
  void takesNoSpaceForWhatIsAbsent() throws Exception {
    int size = 64 << 20;
    byte[] big = CacheFixture.content(2, 1 << 20);
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, size))) {
      assertThat(allocatedBytes()).isZero();
      for (int i = 1; i <= 4; i++) {
        try (BlockWriter writer =
            blob.writer(i * (8L << 20), big.length, 32 * BLOCK, CacheFixture.NO_TREE)) {
          writer.write(ByteBuffer.wrap(big));
          writer.finish();
        }
        cache.flush();
        assertThat(allocatedBytes()).isBetween((long) i << 20, ((long) i << 20) + (64 << 10));
      }
    }
  }

  private long allocatedBytes() throws IOException, InterruptedException {
    Path data;
    try (var files = Files.list(directory.resolve("blobs"))) {
      data = files.filter(file -> file.toString().endsWith(".data")).findFirst().orElseThrow();
    }
    Process stat = new ProcessBuilder("stat", "--format=%b", data.toString()).start();
    String blocks = new String(stat.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(stat.waitFor()).isZero();
    return Long.parseLong(blocks) * 512;
  }

  @Test
  void onADamagedBlobTheOthersStillOpen() throws IOException {
    byte[] other = CacheFixture.content(3, 3 * BLOCK);
    try (BlobCache cache = fixture.open(directory);
        CachedBlob bad = cache.blob(new BlobKey(digest, content.length));
        CachedBlob good = cache.blob(new BlobKey(Digest.of(other), other.length))) {
      store(bad, content, 0, BLOCK);
      store(good, other, 0, BLOCK);
    }
    Path badData =
        directory.resolve("blobs").resolve(digest.hex() + "." + content.length + ".data");
    Files.delete(badData);
    Files.createDirectory(badData);

    try (BlobCache cache = fixture.open(directory)) {
      try (CachedBlob bad = cache.blob(new BlobKey(digest, content.length))) {
        assertThat(bad.presentBytes()).isZero();
        store(bad, content, 0, BLOCK);
        assertThat(bad.presentBytes()).isZero();
        assertThat(read(bad, 0, BLOCK)).as("passes through").isEqualTo(slice(0, BLOCK));
        assertThat(bad.passesThrough()).isTrue();
      }
      try (CachedBlob good = cache.blob(new BlobKey(Digest.of(other), other.length))) {
        assertThat(good.isPresent(0, BLOCK)).isTrue();
        assertThat(good.passesThrough()).isFalse();
      }
    }
  }

  @Test
  void refusesABlobThatIsTooLargeToMap() throws IOException {
    try (BlobCache cache = fixture.open(directory)) {
      assertThatThrownBy(() -> cache.blob(new BlobKey(digest, BlobCache.MAX_BLOB_BYTES + 1)))
          .isInstanceOf(BlobTooLargeException.class);
    }
  }

  @Test
  void keepsAThousandBlobsOpen() throws IOException {
    try (BlobCache cache = fixture.open(directory)) {
      List<CachedBlob> blobs = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        blobs.add(
            cache.blob(new BlobKey(Digest.of(new byte[] {(byte) i, (byte) (i >> 8)}), 5 * BLOCK)));
      }
      for (CachedBlob blob : blobs) {
        store(blob, content, 0, BLOCK);
      }
      assertThat(cache.statistics())
          .returns(1000, CacheStatistics::blobs)
          .returns(0, CacheStatistics::sealedBlobs)
          .returns(1000L * BLOCK, CacheStatistics::presentBytes)
          .returns(5000L * BLOCK, CacheStatistics::totalBytes);
      blobs.forEach(CachedBlob::close);
    }
  }

  @Test
  void presenceThatCouldNotBeWrittenIsWrittenLater() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (BlobCache cache = fixture.open(new CacheDirectory(directory, disk));
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      store(blob, content, 0, BLOCK);
      disk.setFull(true);
      cache.flush();
      disk.setFull(false);
    }
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      assertThat(blob.isPresent(0, BLOCK)).isTrue();
    }
  }

  @Test
  void bytesThatTheDiskLostAreAbsent() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (BlobCache cache = fixture.open(new CacheDirectory(directory, disk));
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      store(blob, content, 0, BLOCK);
      disk.setForceFails(true);
      cache.flush();
      assertThat(blob.presentBytes()).isZero();
      disk.setForceFails(false);
    }
  }

  @Test
  void anInterruptedReaderReadsAndLeavesTheBlobToOthers() throws IOException {
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      store(blob, content, 0, BLOCK);
      Thread.currentThread().interrupt();
      assertThat(read(blob, 0, BLOCK)).isEqualTo(slice(0, BLOCK));
      assertThat(Thread.interrupted()).isTrue();
      store(blob, content, BLOCK, BLOCK);
      assertThat(read(blob, BLOCK, BLOCK)).isEqualTo(slice(BLOCK, BLOCK));
    }
  }

  @Test
  void afterAnInterruptADeletedFileIsNotReadAsZeros() throws IOException {
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      store(blob, content, 0, BLOCK);
      Files.delete(
          directory.resolve("blobs").resolve(digest.hex() + "." + content.length + ".data"));
      Thread.currentThread().interrupt();
      MemorySegment bytes = MemorySegment.ofArray(new byte[BLOCK]);
      assertThat(blob.read(0, bytes, 0, BLOCK)).isEqualTo(CachedBlob.Outcome.ABSENT);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(blob.isPresent(0, BLOCK)).isFalse();
    }
  }

  @Test
  void aWriterTakesPiecesOfAnySizeAndKeepsWholeBlocksOfABrokenRange() throws IOException {
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      try (BlockWriter writer =
          blob.writer(BLOCK, 39 * BLOCK + 100, 32 * BLOCK, CacheFixture.NO_TREE)) {
        for (int at = BLOCK; at < 35 * BLOCK + 1000; at += 777) {
          int length = Math.min(777, 35 * BLOCK + 1000 - at);
          writer.write(ByteBuffer.wrap(content, at, length));
        }
        assertThat(writer.presentEnd()).isEqualTo(32 * BLOCK);
        assertThatThrownBy(writer::finish)
            .isInstanceOf(WrongLengthException.class)
            .hasMessageContaining("too few bytes");
      }
      assertThat(blob.presentBytes()).isEqualTo(34 * BLOCK);
      assertThat(read(blob, BLOCK, 34 * BLOCK)).isEqualTo(slice(BLOCK, 34 * BLOCK));
    }
  }

  @Test
  void aWriterRefusesMoreThanItsRange() throws IOException {
    try (BlobCache cache = fixture.open(directory);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length));
        BlockWriter writer = blob.writer(0, BLOCK, BLOCK, CacheFixture.NO_TREE)) {
      assertThatThrownBy(() -> writer.write(ByteBuffer.wrap(content, 0, BLOCK + 1)))
          .isInstanceOf(WrongLengthException.class)
          .hasMessageContaining("too many bytes at 0: expected 4096, got 4097 or more");
      assertThat(blob.presentBytes()).isZero();
    }
  }

  @Test
  void aClosedCacheOpensNothing() throws IOException {
    BlobCache cache = fixture.open(directory);
    cache.close();
    assertThatThrownBy(() -> cache.blob(new BlobKey(digest, 1))).hasMessageContaining("closed");
  }

  private byte[] slice(int offset, int length) {
    return Arrays.copyOfRange(content, offset, offset + length);
  }

  private static byte[] read(CachedBlob blob, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    assertThat(blob.read(offset, MemorySegment.ofArray(bytes), 0, bytes.length))
        .isEqualTo(CachedBlob.Outcome.READ);
    return bytes;
  }
}
