package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The threads that a cache needs, and content to put into it. */
public final class CacheFixture implements AutoCloseable {
  /** Of a writer whose blob has no hash tree, or has all of it. */
  static final HashTreeSource NO_TREE =
      (offset, length) -> {
        throw new IOException("no source of a hash tree, asked for " + length + " at " + offset);
      };

  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Starts the threads. */
  public CacheFixture() {}

  /** Opens a cache that runs on them. */
  public BlobCache open(Path directory) throws IOException {
    return BlobCache.open(directory, scheduler, threads);
  }

  BlobCache open(CacheDirectory directory) throws IOException {
    return open(directory, CacheLimits.DEFAULT, InstantSource.system());
  }

  BlobCache open(CacheDirectory directory, CacheLimits limits, InstantSource clock)
      throws IOException {
    return BlobCache.open(directory, limits, clock, CrashPoint.Hook.NONE, scheduler, threads);
  }

  BlobCache open(CacheDirectory directory, InstantSource clock, CrashPoint.Hook crash)
      throws IOException {
    return BlobCache.open(directory, CacheLimits.DEFAULT, clock, crash, scheduler, threads);
  }

  /** Opens a cache on a disk that can fail, within the usual limits. */
  public BlobCache open(Path directory, FailingDisk disk, InstantSource clock) throws IOException {
    return open(new CacheDirectory(directory, disk), CacheLimits.DEFAULT, clock);
  }

  /** Opens a cache within limits. */
  public BlobCache open(Path directory, CacheLimits limits) throws IOException {
    return BlobCache.open(directory, limits, scheduler, threads);
  }

  public ExecutorService threads() {
    return threads;
  }

  /** Returns bytes none of whose blocks is all zeros. */
  public static byte[] content(long seed, int size) {
    byte[] content = new byte[size];
    new Random(seed).nextBytes(content);
    return content;
  }

  /** Stores a range of {@code content}, which begins and ends at a block's border or the end. */
  static void store(CachedBlob blob, byte[] content, int offset, int length) throws IOException {
    try (BlockWriter writer = blob.writer(offset, length, 32 * CachedBlob.BLOCK_BYTES, NO_TREE)) {
      writer.write(ByteBuffer.wrap(content, offset, length));
      writer.finish();
    }
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
    threads.close();
    scheduler.close();
  }
}
