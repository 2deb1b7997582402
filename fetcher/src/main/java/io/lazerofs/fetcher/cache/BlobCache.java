package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of blobs, each of them present in part: the one cache that all images of a machine
 * share.
 *
 * <p>One process has a directory at a time; the kernel gives it free when that process ends. Bytes
 * become durable before the presence of their blocks does, about a second after they came, so a
 * crash costs at most the blocks of the last seconds and never makes an absent block look present.
 * After one, what a blob with a hash tree has on disk is verified again when it is first read.
 *
 * <p>Safe for use by many threads at once.
 */
public final class BlobCache implements AutoCloseable {
  /** The size of the largest blob; bounds the memory that a manifest can make us take to 32 MiB. */
  static final long MAX_BLOB_BYTES = 1L << 40;

  private static final long FLUSH_PERIOD_MILLIS = 1000;
  private static final Logger logger = LoggerFactory.getLogger(BlobCache.class);

  private final CacheDirectory directory;
  private final DirectoryLock lock;
  private final CacheRuntime runtime;
  private final Future<?> flushing;
  private final ConcurrentMap<BlobKey, Shared> blobs = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** An open blob and how many users it has; replaced under its key's lock in the map. */
  private record Shared(CachedBlob blob, int users) {}

  private BlobCache(
      CacheDirectory directory,
      DirectoryLock lock,
      ScheduledExecutorService scheduler,
      CacheRuntime runtime) {
    this.directory = directory;
    this.lock = lock;
    this.runtime = runtime;
    this.flushing =
        scheduler.scheduleWithFixedDelay(
            this::flush, FLUSH_PERIOD_MILLIS, FLUSH_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Takes a directory for this process, and makes it when missing.
   *
   * @param scheduler runs the periodic flush, which waits for the disk
   * @param background runs checks of whole blobs, which take seconds of a processor
   * @throws DirectoryInUseException when another cache has it
   */
  public static BlobCache open(
      Path directory, ScheduledExecutorService scheduler, Executor background) throws IOException {
    return open(
        new CacheDirectory(directory, FileChannel::open),
        scheduler,
        new CacheRuntime(background, InstantSource.system(), CrashPoint.Hook.NONE));
  }

  static BlobCache open(
      CacheDirectory directory, ScheduledExecutorService scheduler, CacheRuntime runtime)
      throws IOException {
    directory.create();
    runtime.crash().reached(CrashPoint.CACHE_DIRECTORY_MADE);
    DirectoryLock lock = DirectoryLock.acquire(directory);
    runtime.crash().reached(CrashPoint.CACHE_LOCKED);
    return new BlobCache(directory, lock, scheduler, runtime);
  }

  /**
   * Returns a blob, with what is present of it; the caller closes it.
   *
   * @throws BlobTooLargeException when its size is above one tebibyte
   * @throws IOException when its files cannot be opened; other blobs are not concerned
   */
  public CachedBlob blob(BlobKey key) throws IOException {
    if (key.size() > MAX_BLOB_BYTES) {
      throw new BlobTooLargeException(key.digest(), key.size(), MAX_BLOB_BYTES);
    }
    try {
      return blobs.compute(key, this::openOrShare).blob;
    } catch (UncheckedIOException e) {
      throw new IOException(
          "blob " + key.digest() + " in cache " + directory.path() + ": " + e.getMessage(), e);
    }
  }

  private Shared openOrShare(BlobKey key, @Nullable Shared shared) {
    if (shared != null) {
      return new Shared(shared.blob, shared.users + 1);
    }
    try {
      if (closed) {
        throw new IOException("the cache is closed");
      }
      return new Shared(CachedBlob.open(key, directory, runtime, this::release), 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private void release(CachedBlob blob) {
    blobs.computeIfPresent(
        blob.key(),
        (key, shared) -> {
          if (shared.blob != blob || shared.users > 1) {
            return shared.blob == blob ? new Shared(blob, shared.users - 1) : shared;
          }
          closeFiles(blob);
          return null;
        });
  }

  private static void closeFiles(CachedBlob blob) {
    try {
      blob.closeFiles();
    } catch (IOException e) {
      logger.warn("blob {}: recent presence is lost, closing failed", blob.key(), e);
    }
  }

  /** Makes durable what is present by now, blob by blob; a blob that fails is logged. */
  public void flush() {
    for (Shared shared : blobs.values()) {
      try {
        shared.blob.flush();
      } catch (IOException | RuntimeException e) {
        logger.warn("blob {}: presence is not durable, flushing failed", shared.blob.key(), e);
      }
    }
  }

  /** Returns how full the open blobs are. */
  public CacheStatistics statistics() {
    int open = 0;
    int sealed = 0;
    long present = 0;
    long total = 0;
    for (Shared shared : blobs.values()) {
      open++;
      sealed += shared.blob.isSealed() ? 1 : 0;
      present += shared.blob.presentBytes();
      total += shared.blob.size();
    }
    return new CacheStatistics(open, sealed, present, total);
  }

  /** Flushes and closes all blobs, also those that have users, and gives the directory up. */
  @Override
  public void close() throws IOException {
    closed = true;
    runtime.crash().reached(CrashPoint.CACHE_CLOSE_BEGUN);
    flushing.cancel(false);
    for (BlobKey key : blobs.keySet()) {
      blobs.computeIfPresent(
          key,
          (sameKey, shared) -> {
            closeFiles(shared.blob);
            return null;
          });
    }
    runtime.crash().reached(CrashPoint.CACHE_BLOBS_CLOSED);
    lock.close();
    runtime.crash().reached(CrashPoint.CACHE_UNLOCKED);
  }
}
