package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.cache.CacheFixture;
import io.lazerofs.fetcher.cache.CacheLimits;
import io.lazerofs.fetcher.cache.CacheStatistics;
import io.lazerofs.fetcher.cache.FailingDisk;
import io.lazerofs.fetcher.http.ManualClock;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Digest;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** A cache in a directory, and content behind an {@link Origin}. */
final class LazyBlobFixture implements AutoCloseable {
  /** Small, so that little content has many units: 32 KiB, eight blocks. */
  static final int UNIT = 32 << 10;

  static final FetchPolicy POLICY = new FetchPolicy(UNIT, 8 * UNIT, 16 * UNIT, 16 * UNIT);

  private final CacheFixture threads = new CacheFixture();
  private final BlobCache cache;
  private final LazyBlobs blobs;
  final ManualClock clock = new ManualClock();
  final FetchStatistics statistics = new FetchStatistics();
  final byte[] content;
  final Digest digest;

  LazyBlobFixture(Path directory, int size) throws IOException {
    this(directory, new FailingDisk(), size);
  }

  LazyBlobFixture(Path directory, FailingDisk disk, int size) throws IOException {
    this(size, (threads, clock) -> threads.open(directory, disk, clock));
  }

  LazyBlobFixture(Path directory, CacheLimits limits, int size) throws IOException {
    this(size, (threads, _) -> threads.open(directory, limits));
  }

  /** Makes the cache of a fixture. */
  private interface Opening {
    BlobCache open(CacheFixture threads, InstantSource clock) throws IOException;
  }

  private LazyBlobFixture(int size, Opening opening) throws IOException {
    this.content = CacheFixture.content(size, size);
    this.digest = Digest.of(content);
    this.cache = opening.open(threads, clock);
    this.blobs = new LazyBlobs(cache, POLICY, threads.threads(), statistics);
  }

  LazyBlob open(RangeReader source) throws IOException {
    return blobs.open(new BlobKey(digest, content.length), source);
  }

  LazyBlob open(Digest name, RangeReader source) throws IOException {
    return blobs.open(new BlobKey(name, content.length), source);
  }

  <T> Future<T> async(Callable<T> task) {
    return threads.threads().submit(task);
  }

  Future<byte[]> readAsync(ByteSource blob, long offset, int length) {
    return async(() -> read(blob, offset, length));
  }

  Future<Boolean> fillAsync(LazyBlob blob, long offset, long length) {
    return async(() -> {
      blob.fill(offset, length);
      return true;
    });
  }

  CacheStatistics cacheStatistics() {
    return cache.statistics();
  }

  void flush() {
    cache.flush();
  }

  /** Reads, filling what is absent. */
  static byte[] read(ByteSource blob, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    return Waiting.on(() -> {
      blob.read(offset, MemorySegment.ofArray(bytes));
      return bytes;
    });
  }

  byte[] slice(long offset, int length) {
    int from = Math.toIntExact(offset);
    return Arrays.copyOfRange(content, from, from + length);
  }

  @Override
  public void close() throws IOException {
    cache.close();
    threads.close();
  }
}
