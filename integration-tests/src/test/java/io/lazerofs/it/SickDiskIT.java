package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.cache.CacheLimits;
import io.lazerofs.fetcher.lazy.FetchPolicy;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.lazy.RangeReader;
import io.lazerofs.source.Digest;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cache on a small file system of its own that is filled up by others, or made read-only. */
@Timeout(120)
class SickDiskIT {
  private static final int SIZE = 24 << 20;

  /** Reads that are so far apart are no sequence, ahead of which is fetched. */
  private static final int STRIDE = 1 << 20;

  private static final int PIECE = 64 << 10;

  @TempDir Path directory;
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final byte[] content = new byte[SIZE];
  private Path disk = Path.of("");

  @BeforeEach
  void mount() throws Exception {
    new Random(5).nextBytes(content);
    disk = Files.createDirectory(directory.resolve("disk"));
    Path image = Files.createFile(directory.resolve("image"));
    Command.run(directory, "truncate", "-s", "48M", image.toString());
    Command.run(directory, "mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
    Command.run(directory, "mount", "-o", "loop", image.toString(), disk.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    scheduler.shutdownNow();
    threads.close();
    Command.run(directory, "umount", disk.toString());
  }

  @Test
  void readersAreServedWhileTheDiskIsFullAndTheCacheFillsAgainAfterwards() throws Exception {
    try (BlobCache cache = open();
        LazyBlob blob = open(cache)) {
      assertRight(blob, 0);
      long present = blob.presentBytes();
      Path ballast = fillUp();
      assertRight(blob, 300 << 10);
      assertThat(cache.statistics().passThroughBytes() + cache.statistics().evictedBytes())
          .isPositive();
      assertRight(blob, 0);
      Files.delete(ballast);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            assertRight(blob, 0);
            assertRight(blob, 600 << 10);
            assertThat(blob.presentBytes()).isGreaterThan(present);
          });
    }
  }

  @Test
  void readersAreServedAfterAnErrorMadeTheDiskReadOnly() throws Exception {
    try (BlobCache cache = open();
        LazyBlob blob = open(cache)) {
      assertRight(blob, 0);
      // What ext4 does when its journal fails; what is open for writing forbids it in other ways.
      Command.run(directory, "mount", "-o", "remount,abort", disk.toString());
      assertRight(blob, 0);
      assertRight(blob, 300 << 10);
      assertThat(cache.statistics().passThroughBytes()).isPositive();
    }
  }

  @Test
  void aCacheOnADiskThatIsReadOnlyFromTheStartServesAndTakesTheDiskLater() throws Exception {
    Command.run(directory, "mount", "-o", "remount,ro", disk.toString());
    try (BlobCache cache = open();
        LazyBlob blob = open(cache)) {
      assertRight(blob, 0);
      assertThat(blob.presentBytes()).isZero();
      Command.run(directory, "mount", "-o", "remount,rw", disk.toString());
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            assertRight(blob, 0);
            assertThat(blob.presentBytes()).isPositive();
          });
      assertThat(cache.statistics().maxBytes()).isPositive();
    }
  }

  /** Takes all space that is left. */
  private Path fillUp() throws IOException {
    Path ballast = disk.resolve("ballast");
    try (var out =
        Files.newByteChannel(
            ballast, EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE))) {
      while (true) {
        out.write(ByteBuffer.allocate(4096));
      }
    } catch (IOException full) {
      assertThat(Files.getFileStore(disk).getUsableSpace()).isLessThan(4096);
      return ballast;
    }
  }

  /** Reads a piece in each stride. */
  private void assertRight(LazyBlob blob, int first) throws IOException {
    for (int at = first; at < SIZE; at += STRIDE) {
      int offset = at;
      int length = Math.min(PIECE, SIZE - at);
      MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
      Waiting.on(() -> {
        blob.read(offset, bytes);
        return true;
      });
      assertThat(
              MemorySegment.mismatch(
                  bytes, 0, length, MemorySegment.ofArray(content), offset, offset + length))
          .as("at %d", offset)
          .isEqualTo(-1);
    }
  }

  private BlobCache open() throws IOException {
    return BlobCache.open(
        disk.resolve("cache"), new CacheLimits(OptionalLong.empty(), 95, 85), scheduler, threads);
  }

  private LazyBlob open(BlobCache cache) throws IOException {
    RangeReader origin =
        (offset, length, sink) ->
            sink.accept(ByteBuffer.wrap(content, (int) offset, (int) length).slice());
    return new LazyBlobs(cache, FetchPolicy.DEFAULT, threads, new FetchStatistics())
        .open(new BlobKey(Digest.of(content), SIZE), origin);
  }
}
