package io.lazerofs.fetcher.cache;

import static io.lazerofs.fetcher.cache.CacheFixture.store;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a power cut leaves of a blob that is evicted from: never a hole that looks present. */
@Timeout(120)
class EvictionPowerCutTest {
  private static final int BLOCK = CachedBlob.BLOCK_BYTES;
  private static final int SIZE = 3 * Regions.BYTES + 5 * BLOCK + 77;
  private static final int CUTS = 20;

  @TempDir Path directory;
  private final CacheFixture fixture = new CacheFixture();
  private final byte[] content = CacheFixture.content(11, SIZE);
  private final BlobKey key = new BlobKey(Digest.of(content), SIZE);

  @AfterEach
  void stopThreads() {
    fixture.close();
  }

  @Test
  void everythingThatIsPresentAfterAPowerCutIsRight() throws IOException {
    long seed = 0xE71C7;
    Random random = new Random(seed);
    SimulatedDisk disk = new SimulatedDisk();
    long present = 0;
    long evicted = 0;
    Path live = directory.resolve("live");
    try (BlobCache cache = fixture.open(new CacheDirectory(live, disk));
        CachedBlob blob = cache.blob(key)) {
      for (int cut = 0; cut < CUTS; cut++) {
        int first = random.nextInt(SIZE / BLOCK);
        int end = cut % 5 == 4 ? SIZE : Math.min(SIZE, (first + 400) * BLOCK);
        int start = cut % 5 == 4 ? 0 : first * BLOCK;
        store(blob, content, start, end - start);
        for (int i = random.nextInt(4); i > 0; i--) {
          evicted += blob.evict(random.nextInt(SIZE), Optional.of(() -> {}));
        }
        Path left = Files.createDirectory(directory.resolve("cut" + cut));
        disk.cutPower(live, left, random);
        present += assertRight(left, "seed " + seed + ", cut " + cut);
      }
    }
    assertThat(evicted).as("something is evicted").isGreaterThan(SIZE);
    assertThat(present).as("something survives").isGreaterThan(SIZE);
  }

  private long assertRight(Path left, String at) throws IOException {
    try (BlobCache cache = fixture.open(left);
        CachedBlob blob = cache.blob(key)) {
      byte[] bytes = new byte[BLOCK];
      for (int offset = 0; offset < SIZE; offset += BLOCK) {
        int length = Math.min(BLOCK, SIZE - offset);
        if (blob.read(offset, MemorySegment.ofArray(bytes), 0, length) == CachedBlob.Outcome.READ) {
          assertThat(Arrays.equals(bytes, 0, length, content, offset, offset + length))
              .as("%s, offset %d", at, offset)
              .isTrue();
        }
      }
      return blob.presentBytes();
    }
  }
}
