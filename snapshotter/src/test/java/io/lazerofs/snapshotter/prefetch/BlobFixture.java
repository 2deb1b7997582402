package io.lazerofs.snapshotter.prefetch;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.lazy.FetchPolicy;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;

/** Lazily loaded blobs whose registry is memory, fetched in units of two blocks. */
final class BlobFixture implements AutoCloseable {
  static final int BLOCK = 4096;

  final FetchStatistics reads = new FetchStatistics();
  final AtomicBoolean failing = new AtomicBoolean();
  final List<Long> offsets = new CopyOnWriteArrayList<>();
  final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final BlobCache cache;
  private final LazyBlobs blobs;

  BlobFixture(Path directory) throws IOException {
    cache = BlobCache.open(directory, scheduler, executor);
    blobs =
        new LazyBlobs(
            cache, new FetchPolicy(2 * BLOCK, 64 * BLOCK, 0, 64 * BLOCK), executor, reads);
  }

  /** Returns {@code head} and as many random bytes as make it {@code size} bytes. */
  static byte[] content(byte[] head, int size) {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    System.arraycopy(head, 0, content, 0, head.length);
    return content;
  }

  LazyBlob open(byte[] content) throws IOException {
    byte[] bytes = Arrays.copyOf(content, content.length);
    return blobs.open(
        new BlobKey(Digest.of(bytes), bytes.length),
        (offset, length, sink) -> {
          if (failing.get()) {
            throw new IOException("the registry fails");
          }
          offsets.add(offset);
          sink.accept(ByteBuffer.wrap(bytes, (int) offset, (int) length));
        });
  }

  @Override
  public void close() throws IOException {
    cache.close();
    scheduler.shutdownNow();
    executor.close();
  }
}
