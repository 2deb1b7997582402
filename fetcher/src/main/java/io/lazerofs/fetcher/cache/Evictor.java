package io.lazerofs.fetcher.cache;

import io.lazerofs.fetcher.logging.LogScope;
import io.lazerofs.files.SparseFile;
import io.lazerofs.sys.SystemCallException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the files of a cache within their bound: when they take more than the high mark, blobs are
 * evicted until they take no more than the low one.
 *
 * <p>First go the files of blobs that nobody has open, the least recently used first; then regions
 * of open blobs, by {@link Regions}, the blobs in a ring that is gone on with where the last
 * eviction ended. One eviction runs at a time: in the background, or for a writer that finds no
 * room, which waits for it. Safe for use by many threads.
 */
final class Evictor {
  private static final Logger logger = LoggerFactory.getLogger(Evictor.class);

  /** One to forget what was used, one to take what was not used since, one for what is left. */
  private static final int TURNS = 3;

  /** What is freed at most beside what a writer needs when others have filled the disk, bytes. */
  private static final long SPARE_BYTES = 16 << 20;

  /** The blobs of a cache. */
  interface Blobs {
    /** Returns those that are open. */
    Collection<CachedBlob> open();

    /**
     * Removes the files of a blob.
     *
     * @return false when it is open; they stay then
     */
    boolean delete(String name) throws IOException;
  }

  private final CacheLimits limits;
  private final CacheDirectory directory;
  private final CacheUsage usage;
  private final Blobs blobs;
  private final Executor background;
  private final LongAdder evictedBytes = new LongAdder();
  private final AtomicBoolean trimming = new AtomicBoolean();
  private volatile Optional<Runnable> quiesce = Optional.empty();
  private volatile long maxBytes;
  private volatile boolean punches = true;

  /** Where the last turn over the open blobs ended; guarded by this. */
  private String hand = "";

  Evictor(CacheLimits limits, CacheDirectory directory, Blobs blobs, Executor background) {
    this.limits = limits;
    this.directory = directory;
    this.usage = new CacheUsage(directory);
    this.blobs = blobs;
    this.background = background;
    this.maxBytes = limits.maxBytes().orElse(0);
  }

  /** Finds out what the files take, and what they may take; to be called before all else. */
  void begin() throws IOException {
    var _ = usage.measure();
    if (limits.maxBytes().isEmpty()) {
      long room = usage.bytes() + directory.usableBytes();
      maxBytes = Math.max(1, room - room / 10);
    }
  }

  /**
   * Lets sealed blobs that are open be evicted from.
   *
   * @param quiesce returns when nobody uses memory that a blob lent before the call
   */
  void quiesceBy(Runnable quiesce) {
    this.quiesce = Optional.of(quiesce);
  }

  long usedBytes() {
    return usage.bytes();
  }

  long maxBytes() {
    return maxBytes;
  }

  long evictedBytes() {
    return evictedBytes.sum();
  }

  /**
   * Takes room for bytes that are about to be written, and evicts for them when there is none.
   *
   * @return false when there is none left that could be given
   */
  boolean reserve(long bytes) {
    long used = usage.add(bytes);
    if (used > percent(limits.highPercent())) {
      trimSoon();
    }
    if (used <= maxBytes) {
      return true;
    }
    evictTo(Math.min(percent(limits.lowPercent()), maxBytes - bytes));
    if (usage.bytes() <= maxBytes) {
      return true;
    }
    usage.subtract(bytes);
    return false;
  }

  /** Frees space on a disk that others have filled; returns whether any was freed. */
  boolean free(long bytes) {
    long before = evictedBytes();
    evictTo(usage.bytes() - bytes - Math.min(SPARE_BYTES, usage.bytes() / 10));
    return evictedBytes() > before;
  }

  /** Measures, and evicts when there is too much; what fails is logged. */
  void trim() {
    try {
      var _ = usage.measure();
    } catch (IOException e) {
      logger.warn("{}: what it takes cannot be measured", directory.path(), e);
    }
    if (usage.bytes() > percent(limits.highPercent())) {
      evictTo(percent(limits.lowPercent()));
    }
  }

  /**
   * Removes blobs that nobody has open.
   *
   * @param keeps tells by their names which of them stay
   * @return how many bytes the disk has more
   */
  synchronized long prune(Predicate<String> keeps) throws IOException {
    long freed = 0;
    for (StoredBlob blob : usage.measure()) {
      if (!keeps.test(blob.name()) && blobs.delete(blob.name())) {
        // Not for the bound, so it does not count as evicted.
        usage.subtract(blob.allocatedBytes());
        freed += blob.allocatedBytes();
      }
    }
    return freed;
  }

  /** Evicts all that can be, also of blobs that are open; returns how many bytes that freed. */
  synchronized long evictAll() {
    long before = evictedBytes();
    evictTo(0);
    return evictedBytes() - before;
  }

  private void trimSoon() {
    if (trimming.compareAndSet(false, true)) {
      try {
        background.execute(() -> {
          trimming.set(false);
          trim();
        });
      } catch (RejectedExecutionException e) {
        logger.debug("{}: no eviction, the process ends", directory.path(), e);
      }
    }
  }

  private long percent(int percent) {
    // In this order the bound may be any number of bytes.
    return maxBytes / 100 * percent + maxBytes % 100 * percent / 100;
  }

  private synchronized void evictTo(long target) {
    if (usage.bytes() <= target) {
      return;
    }
    long before = evictedBytes();
    try {
      evictClosed(usage.measure(), target);
    } catch (IOException e) {
      logger.warn("{}: unused blobs could not be evicted", directory.path(), e);
    }
    for (int turn = 0; turn < TURNS && punches && usage.bytes() > target; turn++) {
      turn(target);
    }
    logger.debug(
        "{}: {} bytes evicted, {} of at most {} are taken",
        directory.path(),
        evictedBytes() - before,
        usage.bytes(),
        maxBytes);
  }

  private void evictClosed(List<StoredBlob> stored, long target) throws IOException {
    List<StoredBlob> oldestFirst = new ArrayList<>(stored);
    oldestFirst.sort(Comparator.comparing(StoredBlob::lastUse));
    for (StoredBlob blob : oldestFirst) {
      if (usage.bytes() <= target) {
        return;
      }
      if (blobs.delete(blob.name())) {
        note(blob.allocatedBytes());
      }
    }
  }

  /** Goes around the open blobs once. */
  private void turn(long target) {
    List<CachedBlob> ring = new ArrayList<>(blobs.open());
    ring.sort(Comparator.comparing(CachedBlob::name));
    int first = 0;
    while (first < ring.size() && ring.get(first).name().compareTo(hand) < 0) {
      first++;
    }
    Collections.rotate(ring, -first);
    for (CachedBlob blob : ring) {
      hand = blob.name();
      if (!punches || usage.bytes() <= target) {
        return;
      }
      evictFrom(blob, usage.bytes() - target);
    }
  }

  private void evictFrom(CachedBlob blob, long bytes) {
    try (LogScope scope = LogScope.layer(blob.digest())) {
      note(blob.evict(bytes, quiesce));
    } catch (SystemCallException e) {
      if (SparseFile.isRefusal(e)) {
        punches = false;
        logger.warn(
            "{}: its file system cannot make holes, so blobs are evicted as a whole only: {}",
            directory.path(),
            e.getMessage());
      } else {
        logger.warn("blob {}: not evicted", blob.key(), e);
      }
    } catch (IOException e) {
      logger.warn("blob {}: not evicted", blob.key(), e);
    }
  }

  private void note(long freed) {
    usage.subtract(freed);
    evictedBytes.add(freed);
  }
}
