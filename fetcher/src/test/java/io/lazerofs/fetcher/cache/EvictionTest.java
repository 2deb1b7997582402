package io.lazerofs.fetcher.cache;

import static io.lazerofs.fetcher.cache.CacheFixture.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.files.FileStatus;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EvictionTest {
  private static final int MIB = 1 << 20;
  private static final int BLOCK = CachedBlob.BLOCK_BYTES;

  @TempDir Path directory;
  private final CacheFixture fixture = new CacheFixture();

  @AfterEach
  void stopThreads() {
    fixture.close();
  }

  @Test
  void theLeastRecentlyUsedOfTheClosedBlobsGoFirst() throws IOException {
    try (BlobCache cache = open(8 * MIB, 90, 60)) {
      byte[][] contents = new byte[7][];
      for (int i = 0; i < 7; i++) {
        contents[i] = CacheFixture.content(i, MIB);
        fill(cache, contents[i]);
        // An order that neither the names nor the times of writing have.
        used(contents[i], (i * 3) % 7);
      }
      byte[] last = CacheFixture.content(99, MIB);
      try (CachedBlob blob = cache.blob(key(last))) {
        store(blob, last, 0, MIB);
        await().until(() -> cache.statistics().evictedBytes() > 0);
        await().until(() -> cache.statistics().usedBytes() <= 8L * MIB * 60 / 100);
        // How many go depends on how much of the last one was on the disk when it was measured.
        List<Integer> gone = new ArrayList<>();
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
          (Files.exists(data(contents[i])) ? kept : gone).add(i * 3 % 7);
        }
        assertThat(gone).hasSizeBetween(2, 5);
        assertThat(kept).allMatch(use -> use > Collections.max(gone));
        assertThat(blob.isPresent(0, MIB)).isTrue();
      }
    }
  }

  @Test
  void regionsOfAnOpenBlobThatAreReadStayAndTheOthersAreGivenBackToTheDisk() throws IOException {
    byte[] content = CacheFixture.content(1, 16 * MIB);
    try (BlobCache cache = open(12 * MIB, 100, 50);
        CachedBlob blob = cache.blob(key(content))) {
      store(blob, content, 0, 10 * MIB);
      // The first turn forgets that all was written just now; what is read after it stays.
      assertThat(blob.evict(1, Optional.empty())).isZero();
      assertThat(read(blob, 3 * MIB + 5, 10)).isEqualTo(slice(content, 3 * MIB + 5, 10));
      assertThat(read(blob, 7 * MIB, BLOCK)).isEqualTo(slice(content, 7 * MIB, BLOCK));
      assertThat(blob.evict(8L * MIB, Optional.empty())).isEqualTo(8L * MIB);
      assertThat(FileStatus.of(data(content)).allocatedBytes()).isEqualTo(2L * MIB);
      for (int region = 0; region < 10; region++) {
        assertThat(blob.isPresent((long) region * MIB, MIB))
            .as("region %d", region)
            .isEqualTo(region == 3 || region == 7);
      }
    }
    try (BlobCache cache = open(12 * MIB, 100, 50);
        CachedBlob blob = cache.blob(key(content))) {
      assertThat(blob.presentBytes()).isEqualTo(2L * MIB);
    }
  }

  @Test
  void aRangeThatAReaderWaitsForStays() throws IOException {
    byte[] content = CacheFixture.content(2, 4 * MIB);
    try (BlobCache cache = open(100 * MIB, 95, 85);
        CachedBlob blob = cache.blob(key(content))) {
      store(blob, content, 0, 4 * MIB - BLOCK);
      try (AwaitedRange awaited = blob.await(MIB + BLOCK, MIB)) {
        evictAll(blob);
        assertThat(blob.isPresent(MIB, 2 * MIB)).isTrue();
        assertThat(blob.isPresent(0, BLOCK)).isFalse();
      }
      evictAll(blob);
      assertThat(blob.presentBytes()).isZero();
    }
  }

  @Test
  void aSealedBlobIsEvictedFromOnceNobodyUsesItsMemory() throws IOException {
    byte[] content = CacheFixture.content(3, 3 * MIB + 100);
    List<String> order = new ArrayList<>();
    try (BlobCache cache = open(100 * MIB, 95, 85);
        CachedBlob blob = cache.blob(key(content))) {
      store(blob, content, 0, content.length);
      await().until(blob::isSealed);
      MemorySegment lent = blob.memory();
      assertThat(blob.evict(1, Optional.empty())).as("without a hook").isZero();
      assertThat(blob.memory()).isEqualTo(lent);
      Runnable quiesce =
          () -> {
            order.add("quiesce");
            assertThat(blob.memory()).isEqualTo(MemorySegment.NULL);
            assertThat(lent.scope().isAlive()).isTrue();
            assertThat(blob.isPresent(0, content.length)).isTrue();
          };
      assertThat(blob.evict(1, Optional.of(quiesce))).as("used of late").isZero();
      while (blob.presentBytes() == content.length) {
        var _ = blob.evict(1, Optional.of(quiesce));
      }
      assertThat(order).containsExactly("quiesce");
      assertThat(lent.scope().isAlive()).isFalse();
      assertThat(blob.isSealed()).isFalse();
      store(blob, content, 0, content.length);
      await().until(blob::isSealed);
      assertThat(blob.memory().mismatch(MemorySegment.ofArray(content))).isEqualTo(-1);
    }
  }

  @Test
  void aBlobThatWasSealedAndEvictedFromIsNotSealedAfterARestart() throws IOException {
    byte[] content = CacheFixture.content(4, 3 * MIB);
    try (BlobCache cache = open(100 * MIB, 95, 85);
        CachedBlob blob = cache.blob(key(content))) {
      store(blob, content, 0, content.length);
      await().until(blob::isSealed);
    }
    try (BlobCache cache = open(100 * MIB, 95, 85);
        CachedBlob blob = cache.blob(key(content))) {
      assertThat(blob.evict(1, Optional.of(() -> {}))).isEqualTo(MIB);
    }
    try (BlobCache cache = open(100 * MIB, 95, 85);
        CachedBlob blob = cache.blob(key(content))) {
      assertThat(blob.isSealed()).isFalse();
      assertThat(blob.presentBytes()).isEqualTo(2L * MIB);
      assertThat(read(blob, MIB, 2 * MIB)).isEqualTo(slice(content, MIB, 2 * MIB));
    }
  }

  @Test
  void aBlobThatIsOpenedWhileItIsEvictedIsWholeOrEmpty() throws Exception {
    byte[] content = CacheFixture.content(5, MIB);
    AtomicInteger whole = new AtomicInteger();
    try (BlobCache cache = open(100 * MIB, 95, 85)) {
      for (int round = 0; round < 100; round++) {
        fill(cache, content);
        var evicted = fixture.threads().submit(() -> cache.evictClosed(key(content).fileName()));
        try (CachedBlob blob = cache.blob(key(content))) {
          long present = blob.presentBytes();
          assertThat(present).isIn(0L, (long) MIB);
          assertThat(evicted.get()).isEqualTo(present == 0 && evicted.get());
          if (present > 0) {
            whole.incrementAndGet();
            assertThat(read(blob, 0, MIB)).isEqualTo(content);
          }
        }
      }
    }
  }

  @Test
  void whereNoHolesCanBeMadeOnlyWholeBlobsGo() throws IOException {
    byte[] closed = CacheFixture.content(6, 2 * MIB);
    byte[] open = CacheFixture.content(7, 8 * MIB);
    NoHoles disk = new NoHoles();
    CacheLimits limits = new CacheLimits(OptionalLong.of(6 * MIB), 90, 80);
    try (BlobCache cache =
        fixture.open(new CacheDirectory(directory, disk), limits, InstantSource.system())) {
      fill(cache, closed);
      try (CachedBlob blob = cache.blob(key(open))) {
        store(blob, open, 0, 8 * MIB);
        assertThat(Files.exists(data(closed))).isFalse();
        assertThat(disk.refusals.get()).isEqualTo(1);
        assertThat(cache.statistics().passThroughBytes()).isPositive();
        assertThat(FileStatus.of(data(open)).allocatedBytes()).isLessThanOrEqualTo(6L * MIB);
      }
    }
  }

  /** A file system that refuses to make holes, as procfs does. */
  private static final class NoHoles implements CacheDirectory.Opener {
    private final AtomicInteger refusals = new AtomicInteger();

    @Override
    public FileChannel open(Path file, OpenOption... options) throws IOException {
      return FileChannel.open(file, options);
    }

    @Override
    public void punch(Path file, long offset, long length) throws IOException {
      refusals.incrementAndGet();
      CacheDirectory.Opener.super.punch(Path.of("/proc/self/comm"), 0, 1);
    }
  }

  private void evictAll(CachedBlob blob) throws IOException {
    for (int turn = 0; turn < 2; turn++) {
      var _ = blob.evict(Long.MAX_VALUE, Optional.empty());
    }
  }

  private BlobCache open(long maxBytes, int high, int low) throws IOException {
    return fixture.open(directory, new CacheLimits(OptionalLong.of(maxBytes), high, low));
  }

  private static void fill(BlobCache cache, byte[] content) throws IOException {
    try (CachedBlob blob = cache.blob(key(content))) {
      store(blob, content, 0, content.length);
    }
  }

  private void used(byte[] content, int second) throws IOException {
    Path presence = directory.resolve("blobs").resolve(key(content).fileName() + ".presence");
    Files.setLastModifiedTime(presence, FileTime.from(Instant.ofEpochSecond(1_000 + second)));
  }

  private Path data(byte[] content) {
    return directory.resolve("blobs").resolve(key(content).fileName() + ".data");
  }

  private static BlobKey key(byte[] content) {
    return new BlobKey(Digest.of(content), content.length);
  }

  private static byte[] slice(byte[] content, int offset, int length) {
    return Arrays.copyOfRange(content, offset, offset + length);
  }

  private static byte[] read(CachedBlob blob, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    assertThat(blob.read(offset, MemorySegment.ofArray(bytes), 0, length))
        .isEqualTo(CachedBlob.Outcome.READ);
    return bytes;
  }
}
