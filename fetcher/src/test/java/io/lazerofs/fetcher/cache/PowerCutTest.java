package io.lazerofs.fetcher.cache;

import static io.lazerofs.fetcher.cache.CacheFixture.store;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowerCutTest {
  private static final int BLOCK = CachedBlob.BLOCK_BYTES;
  private static final int BLOCKS = 200;
  private static final int CUTS = 60;

  @TempDir Path directory;
  private final CacheFixture fixture = new CacheFixture();
  private final byte[] content = CacheFixture.content(9, BLOCKS * BLOCK - 33);
  private final Digest digest = Digest.of(content);

  @AfterEach
  void stopThreads() {
    fixture.close();
  }

  @Test
  void everythingThatIsPresentAfterAPowerCutIsRight() throws IOException {
    long seed = 0xC07;
    Random random = new Random(seed);
    long presentInAll = 0;
    SimulatedDisk disk = new SimulatedDisk();
    try (BlobCache cache = fixture.open(new CacheDirectory(directory.resolve("live"), disk));
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      for (int cut = 0; cut < CUTS; cut++) {
        for (int i = random.nextInt(4); i >= 0; i--) {
          int first = random.nextInt(BLOCKS);
          int end = Math.min(content.length, (first + 1 + random.nextInt(4)) * BLOCK);
          store(blob, content, first * BLOCK, end - first * BLOCK);
        }
        if (random.nextBoolean()) {
          cache.flush();
        }
        Path left = Files.createDirectory(directory.resolve("cut" + cut));
        disk.cutPower(directory.resolve("live"), left, random);
        presentInAll += assertRight(left, "seed " + seed + ", cut " + cut);
      }
    }
    assertThat(presentInAll).as("something survives").isGreaterThan(CUTS * 10L * BLOCK);
  }

  private long assertRight(Path left, String at) throws IOException {
    try (BlobCache cache = fixture.open(left);
        CachedBlob blob = cache.blob(new BlobKey(digest, content.length))) {
      long present = blob.presentBytes();
      for (int offset = 0; offset < content.length; offset += BLOCK) {
        int length = Math.min(BLOCK, content.length - offset);
        if (blob.isPresent(offset, length)) {
          byte[] bytes = new byte[length];
          blob.read(offset, MemorySegment.ofArray(bytes), 0, bytes.length);
          assertThat(bytes)
              .as("%s, offset %d", at, offset)
              .isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
        }
      }
      return present;
    }
  }
}
