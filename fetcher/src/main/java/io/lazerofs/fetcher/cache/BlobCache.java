package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of blobs, each of them present in part: the one cache that all images of a machine
 * share. What it takes of the disk is bounded ({@link CacheLimits}): beyond that, blobs and parts
 * of them that were not used for the longest time are evicted. A disk that is full, read-only or
 * broken fails no read: bytes are held in memory for those who wait for them, until it is well.
 *
 * <p>One process has a directory at a time, for a bitmap in memory says what is present: another is
 * refused. The kernel gives the directory free when that process ends. Bytes become durable before
 * the presence of their blocks does, about a second after they came, so a crash costs at most the
 * blocks of the last seconds and never makes an absent block look present. After one, what a blob
 * with a hash tree has on disk is verified again when it is first read.
 *
 * <p>Safe for use by many threads at once.
 */
public final class BlobCache implements AutoCloseable {
  /** The size of the largest blob; bounds the memory that a manifest can make us take to 32 MiB. */
  public static final long MAX_BLOB_BYTES = 1L << 40;

  private static final long FLUSH_PERIOD_MILLIS = 1000;
  private static final Logger logger = LoggerFactory.getLogger(BlobCache.class);

  /** How many flushes pass between two records of what is in use. */
  private static final int FLUSHES_PER_TOUCH = 60;

  private final Storage storage;
  private final Evictor evictor;
  private final Executor background;
  private final Future<?> flushing;

  /** The open blobs by {@link BlobKey#fileName}, the name that their files are removed by. */
  private final ConcurrentMap<String, Shared> blobs = new ConcurrentHashMap<>();

  private int flushes;
  private volatile boolean closed;

  /** An open blob and how many users it has; replaced under its key's lock in the map. */
  private record Shared(CachedBlob blob, int users) {}

  private BlobCache(
      CacheDirectory directory,
      CacheLimits limits,
      InstantSource clock,
      ScheduledExecutorService scheduler,
      CrashPoint.Hook crash,
      Executor background)
      throws IOException {
    this.evictor = new Evictor(limits, directory, new OpenBlobs(), background);
    this.storage = new Storage(directory, evictor, clock, crash);
    this.background = background;
    storage.begin();
    this.flushing =
        scheduler.scheduleWithFixedDelay(
            this::tick, FLUSH_PERIOD_MILLIS, FLUSH_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Opens a cache as {@link #open(Path, CacheLimits, ScheduledExecutorService, Executor)} does,
   * within the usual limits.
   */
  public static BlobCache open(
      Path directory, ScheduledExecutorService scheduler, Executor background) throws IOException {
    return open(directory, CacheLimits.DEFAULT, scheduler, background);
  }

  /**
   * Takes a directory for this process, and makes it when missing. On a disk that cannot be written
   * to, the cache holds nothing, and takes the directory when that is over.
   *
   * @param scheduler runs the periodic flush, which waits for the disk
   * @param background runs evictions, and checks of whole blobs, which take seconds of a processor
   * @throws DirectoryInUseException when another cache has it
   * @throws IOException when it is no directory, not ours to write, or on a mount of lazerofs
   */
  public static BlobCache open(
      Path directory, CacheLimits limits, ScheduledExecutorService scheduler, Executor background)
      throws IOException {
    return open(
        new CacheDirectory(directory, FileChannel::open),
        limits,
        InstantSource.system(),
        CrashPoint.Hook.NONE,
        scheduler,
        background);
  }

  static BlobCache open(
      CacheDirectory directory,
      CacheLimits limits,
      InstantSource clock,
      CrashPoint.Hook crash,
      ScheduledExecutorService scheduler,
      Executor background)
      throws IOException {
    return new BlobCache(directory, limits, clock, scheduler, crash, background);
  }

  /**
   * Lets sealed blobs that are open be evicted from; without this they stay whole while they are
   * open, since nobody can tell when memory that they lent is not used any more.
   *
   * @param quiesce returns when all reads of blobs' memory that were under way at the call are over
   */
  public void quiesceBy(Runnable quiesce) {
    evictor.quiesceBy(quiesce);
  }

  /** What an eviction works on. */
  private final class OpenBlobs implements Evictor.Blobs {
    @Override
    public Collection<CachedBlob> open() {
      return blobs.values().stream().map(Shared::blob).toList();
    }

    @Override
    public boolean delete(String name) throws IOException {
      return evictClosed(name);
    }
  }

  /** Removes the files of a blob, unless it is open or being opened; returns whether it did. */
  boolean evictClosed(String name) throws IOException {
    boolean[] deleted = {false};
    try {
      blobs.compute(
          name,
          (_, shared) -> {
            if (shared == null) {
              deleteFiles(name);
              deleted[0] = true;
            }
            return shared;
          });
    } catch (UncheckedIOException e) {
      throw new IOException("blob " + name + " cannot be removed: " + e.getMessage(), e);
    }
    return deleted[0];
  }

  private void deleteFiles(String name) {
    try {
      storage.directory().delete(name, storage.crash());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /**
   * Returns a blob, with what is present of it; the caller closes it.
   *
   * @throws BlobTooLargeException when its size is above one tebibyte
   * @throws IOException when the cache is closed
   */
  public CachedBlob blob(BlobKey key) throws IOException {
    if (key.size() > MAX_BLOB_BYTES) {
      throw new BlobTooLargeException(key.digest(), key.size(), MAX_BLOB_BYTES);
    }
    Shared opened =
        blobs.compute(key.fileName(), (_, shared) -> closed ? null : openOrShare(key, shared));
    if (opened == null) {
      throw new IOException("blob " + key.digest() + ": the cache is closed");
    }
    return opened.blob;
  }

  private Shared openOrShare(BlobKey key, @Nullable Shared shared) {
    return shared == null
        ? new Shared(CachedBlob.open(key, storage, background, this::release), 1)
        : new Shared(shared.blob, shared.users + 1);
  }

  private void release(CachedBlob blob) {
    blobs.computeIfPresent(
        blob.name(),
        (_, shared) -> {
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

  private void tick() {
    flush();
    storage.held().tick();
    try {
      storage.own();
      evictor.trim();
    } catch (IOException e) {
      logger.debug("nothing is evicted: the cache has no directory yet", e);
    }
    if (++flushes % FLUSHES_PER_TOUCH == 0) {
      touch();
    }
  }

  private void touch() {
    for (Shared shared : blobs.values()) {
      try {
        shared.blob.touch();
      } catch (IOException e) {
        logger.warn("blob {}: its use is not recorded", shared.blob.key(), e);
      }
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

  /**
   * Removes the files of blobs that are neither open nor wanted, and what is left of them when a
   * crash interrupted their removal. Bytes that went count as given back, not as evicted.
   *
   * @return how many bytes of the disk are free now that were not
   * @throws IOException when the cache has no directory yet, or a file cannot be removed; others
   *     are gone then
   */
  public long keepOnly(Collection<BlobKey> wanted) throws IOException {
    storage.own();
    Set<String> names = wanted.stream().map(BlobKey::fileName).collect(Collectors.toSet());
    long freed = 0;
    for (StoredBlob stored : storage.directory().stored()) {
      if (!names.contains(stored.name()) && evictClosed(stored.name())) {
        freed += stored.allocatedBytes();
        evictor.freed(stored.allocatedBytes());
      }
    }
    return freed;
  }

  /** Returns how full the open blobs are, and what all blobs take of the disk. */
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
    return new CacheStatistics(
        open,
        sealed,
        present,
        total,
        evictor.usedBytes(),
        evictor.maxBytes(),
        evictor.evictedBytes(),
        storage.held().passedBytes());
  }

  /** Flushes and closes all blobs, also those that have users, and gives the directory up. */
  @Override
  public void close() throws IOException {
    closed = true;
    storage.crash().reached(CrashPoint.CACHE_CLOSE_BEGUN);
    flushing.cancel(false);
    for (String name : blobs.keySet()) {
      blobs.computeIfPresent(
          name,
          (_, shared) -> {
            closeFiles(shared.blob);
            return null;
          });
    }
    storage.crash().reached(CrashPoint.CACHE_BLOBS_CLOSED);
    storage.close();
    storage.crash().reached(CrashPoint.CACHE_UNLOCKED);
  }
}
