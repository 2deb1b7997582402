package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the blobs of a cache share: its directory, whether the disk takes what is written, room, and
 * memory for what has no place on the disk.
 *
 * <pre>{@code
 *                    disk well? ── room? ── written? ──▶ data file; the caller marks it present
 * bytes that came ──▶    │ no        │ no      │ no
 *                        ╰───────────┴─────────┴───────▶ HeldBlocks: those who wait are served
 * }</pre>
 *
 * <p>Safe for use by many threads.
 */
final class Storage implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Storage.class);

  /** The C library's words for ENOSPC, which Java passes on; another language has other ones. */
  private static final String NO_SPACE = "No space left on device";

  /** A disk with less left than this beside what is to be written is full, bytes. */
  private static final long FULL_BYTES = 1 << 20;

  private final CacheDirectory directory;
  private final Evictor evictor;
  private final DiskHealth health;
  private final HeldBlocks held = new HeldBlocks();
  private final InstantSource clock;
  private final CrashPoint.Hook crash;
  private @Nullable DirectoryLock lock;
  private boolean closed;

  Storage(CacheDirectory directory, Evictor evictor, InstantSource clock, CrashPoint.Hook crash) {
    this.directory = directory;
    this.evictor = evictor;
    this.clock = clock;
    this.crash = crash;
    this.health = new DiskHealth("cache " + directory.path(), clock);
  }

  /** Writes bytes, and tells how many and which, by what it stands in. */
  @FunctionalInterface
  interface Writing {
    void run() throws IOException;
  }

  /**
   * Takes the directory for this process; later, if the disk is read-only or full now.
   *
   * @throws DirectoryInUseException when another has it
   * @throws IOException when it cannot be had for another reason, or lies on a mount of lazerofs
   */
  void begin() throws IOException {
    directory.requireNotServed();
    try {
      own();
    } catch (CacheException e) {
      throw e;
    } catch (IOException e) {
      if (!directory.isReadOnly() && !isFull(e, 0)) {
        throw e;
      }
      health.failed(DiskHealth.Attempt.NORMAL, e);
    }
  }

  /** Takes the directory if this process does not have it yet: nothing is written before. */
  synchronized void own() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (lock == null) {
      directory.create();
      crash.reached(CrashPoint.CACHE_DIRECTORY_MADE);
      DirectoryLock taken = DirectoryLock.acquire(directory);
      try {
        evictor.begin();
        lock = taken;
        crash.reached(CrashPoint.CACHE_LOCKED);
      } catch (IOException | RuntimeException e) {
        taken.close();
        throw e;
      }
    }
  }

  CacheDirectory directory() {
    return directory;
  }

  HeldBlocks held() {
    return held;
  }

  InstantSource clock() {
    return clock;
  }

  CrashPoint.Hook crash() {
    return crash;
  }

  /** Tells whether what comes is written to the disk, as far as is known. */
  boolean isWell() {
    return health.isWell();
  }

  /**
   * Writes if the disk takes it. One that is full gets room by an eviction, and a second try.
   *
   * @param bytes how much more of the disk is taken then, at most
   * @param writing leaves nothing behind that counts when it fails
   * @return false when the bytes are not on the disk
   * @throws CacheException what {@code writing} throws that is not the disk's fault
   * @throws ClosedChannelException when the blob or the cache is closed
   */
  boolean write(long bytes, Writing writing) throws CacheException, ClosedChannelException {
    DiskHealth.Attempt attempt = health.attempt();
    if (attempt == DiskHealth.Attempt.NONE) {
      return false;
    }
    try {
      own();
      if (!evictor.reserve(bytes)) {
        throw new IOException(
            "no room: %d of at most %d bytes are taken, and all of it is in use"
                .formatted(evictor.usedBytes(), evictor.maxBytes()));
      }
      writeOrFree(bytes, writing);
      health.worked(attempt);
      return true;
    } catch (CacheException | ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      health.failed(attempt, e);
      return false;
    }
  }

  private void writeOrFree(long bytes, Writing writing) throws IOException {
    try {
      writing.run();
    } catch (CacheException | ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      if (!isFull(e, bytes) || !evictor.free(bytes)) {
        throw e;
      }
      writing.run();
    }
  }

  private boolean isFull(IOException failure, long bytes) throws IOException {
    return NO_SPACE.equals(failure.getMessage()) || directory.usableBytes() < bytes + FULL_BYTES;
  }

  /** Gives the directory up. */
  @Override
  public synchronized void close() {
    closed = true;
    if (lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        // The kernel gave the lock free all the same, and a process that is gone owns nothing.
        logger.warn("cache {}: its owner's name is left behind", directory.path(), e);
      }
    }
  }
}
