package io.lazerofs.fetcher.cache;

import io.lazerofs.fetcher.cache.PresenceFile.State;
import io.lazerofs.fetcher.cache.PresenceFile.Use;
import io.lazerofs.fetcher.logging.LogScope;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a blob when all of it is there: its content is held against its digest, and when
 * that is right the blob lends its bytes as memory.
 *
 * <pre>{@code
 * FILLING ── all blocks present ──▶ CHECKING ── digest right ──▶ SEALED      memory() gives it
 *    ▲                                  │
 *    ├────── half a minute ──────── CONDEMNED ◀── digest wrong               nothing is present
 *    └────── users of memory() done ──────────── UNSEALING ◀── evicted from, when SEALED
 * }</pre>
 *
 * <p>Safe for use by many threads. What changes the disk does so under the blob's monitor; methods
 * that say so are called under it.
 */
final class Sealing {
  private static final Logger logger = LoggerFactory.getLogger(Sealing.class);

  private enum Phase {
    FILLING,
    CHECKING,
    SEALED,
    UNSEALING,
    CONDEMNED
  }

  /** What all of the content was instead of what the digest names, and when that was found. */
  private record Mismatch(Digest actual, Instant found) {}

  /** What it has to know of the blob, and to ask of it. */
  interface Owner {
    /** Tells whether the files are open. */
    boolean isOpen();

    /** Makes the presence of what is marked by now durable, after the bytes. */
    void flush() throws IOException;
  }

  private final BlobKey key;
  private final DataFile data;
  private final PresenceMap map;
  private final Claims claims;
  private final PresenceFile presence;
  private final InstantSource clock;
  private final Executor background;
  private final CrashPoint.Hook crash;
  private final Owner owner;
  private final Object monitor;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.FILLING);
  private final AtomicReference<Optional<Mismatch>> mismatch =
      new AtomicReference<>(Optional.empty());
  private volatile MemorySegment memory = MemorySegment.NULL;
  private volatile boolean claimsDoubted;
  private volatile boolean memoryUsed;

  /** What {@link #memory} is of; guarded by the monitor. */
  private Arena arena = Arena.ofShared();

  /** Whether the presence file says that all is present; guarded by the monitor. */
  private boolean sealedOnDisk;

  /**
   * @param background runs the checks
   * @param monitor the blob's
   */
  Sealing(
      BlobKey key,
      DataFile data,
      PresenceMap map,
      Claims claims,
      PresenceFile presence,
      Storage storage,
      Executor background,
      Owner owner,
      Object monitor) {
    this.key = key;
    this.data = data;
    this.map = map;
    this.claims = claims;
    this.presence = presence;
    this.clock = storage.clock();
    this.crash = storage.crash();
    this.background = background;
    this.owner = owner;
    this.monitor = monitor;
  }

  boolean isSealed() {
    return phase.get() == Phase.SEALED;
  }

  /** Tells whether blocks may be taken away: nothing is being checked, lent or taken back. */
  boolean isFilling() {
    return phase.get() == Phase.FILLING;
  }

  /** Returns memory that holds all of the blob while it is sealed, else none. */
  MemorySegment memory() {
    MemorySegment lent = memory;
    if (!memoryUsed && lent.byteSize() != 0) {
      memoryUsed = true;
    }
    return lent;
  }

  /** Begins with a blob whose presence file says whether all is there; under the monitor. */
  void begin(boolean sealed) throws IOException {
    sealedOnDisk = sealed;
    if (sealed) {
      enterSealed();
    } else {
      checkWhenComplete();
    }
  }

  /** Throws while bytes for the blob are not wanted; {@link CachedBlob#checkUsable} says when. */
  void checkUsable() throws DigestMismatchException {
    Optional<Mismatch> found = mismatch.get();
    if (found.isEmpty()) {
      return;
    }
    if (clock.instant().isBefore(found.get().found.plus(CachedBlob.CONDEMNED_FOR))) {
      throw new DigestMismatchException(key.digest(), found.get().actual);
    }
    if (mismatch.compareAndSet(found, Optional.empty())) {
      phase.compareAndSet(Phase.CONDEMNED, Phase.FILLING);
      crash.reached(CrashPoint.CONDEMN_OVER);
    }
  }

  /** Begins a check in the background when all is there and none was begun. */
  void checkWhenComplete() {
    if (owner.isOpen() && isWhole() && phase.compareAndSet(Phase.FILLING, Phase.CHECKING)) {
      try {
        background.execute(this::check);
      } catch (RejectedExecutionException e) {
        // The process ends; the blob is checked when it is opened again.
        phase.set(Phase.FILLING);
      }
    }
  }

  /** Tells whether each block is present, or claimed by a disk that was not found wrong yet. */
  private boolean isWhole() {
    // In this order a block that goes from claimed to present meanwhile is not counted twice.
    long present = map.presentBlocks();
    return present + (claimsDoubted ? 0 : claims.blocks()) == map.blocks();
  }

  private void check() {
    try (LogScope scope = LogScope.layer(key.digest())) {
      boolean claimed = claims.blocks() > 0;
      crash.reached(CrashPoint.CHECK_BEGUN);
      Digest actual = contentDigest();
      if (actual.equals(key.digest())) {
        crash.reached(CrashPoint.CHECK_RIGHT);
        seal();
      } else if (claimed) {
        doubtClaims(actual);
      } else {
        crash.reached(CrashPoint.CHECK_WRONG);
        condemn(actual);
      }
    } catch (IOException e) {
      phase.compareAndSet(Phase.CHECKING, Phase.FILLING);
      if (owner.isOpen()) {
        logger.warn("blob {} is complete but could not be checked or sealed", key, e);
      }
    }
  }

  /** Leaves it to readers to find out which of the claimed blocks is wrong. */
  private void doubtClaims(Digest actual) {
    logger.warn(
        "blob {}: wrong content at 0 to {} on disk, after an unclean stop: expected {}, actual {};"
            + " each block is verified when it is read",
        key,
        key.size(),
        key.digest(),
        actual);
    claimsDoubted = true;
    phase.set(Phase.FILLING);
    crash.reached(CrashPoint.CHECK_DOUBTED);
    checkWhenComplete();
  }

  private Digest contentDigest() throws IOException {
    MessageDigest sha256 = Digest.sha256();
    ByteBuffer buffer = ByteBuffer.allocate(128 << 10);
    for (long at = 0; at < key.size(); at += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), key.size() - at));
      data.read(buffer, at);
      sha256.update(buffer.flip());
    }
    return Digest.ofRaw(sha256.digest());
  }

  private void seal() throws IOException {
    synchronized (monitor) {
      crash.reached(CrashPoint.SEAL_BEGUN);
      claims.believe();
      owner.flush();
      crash.reached(CrashPoint.SEAL_FLUSHED);
      if (!owner.isOpen() || !map.isComplete()) {
        phase.set(Phase.FILLING);
        checkWhenComplete();
        return;
      }
      presence.writeState(State.SEALED, Use.IN_USE);
      sealedOnDisk = true;
      crash.reached(CrashPoint.SEAL_WRITTEN);
      enterSealed();
      crash.reached(CrashPoint.SEAL_MAPPED);
    }
  }

  private void enterSealed() throws IOException {
    phase.set(Phase.SEALED);
    if (key.size() > 0) {
      memory = data.map(arena);
    }
  }

  private void condemn(Digest actual) throws IOException {
    synchronized (monitor) {
      logger.error(
          "blob {}: wrong content at 0 to {}: expected {}, actual {}; all of it is absent again",
          key,
          key.size(),
          key.digest(),
          actual);
      mismatch.set(Optional.of(new Mismatch(actual, clock.instant())));
      phase.set(Phase.CONDEMNED);
      crash.reached(CrashPoint.CONDEMN_BEGUN);
      map.clear();
      crash.reached(CrashPoint.CONDEMN_CLEARED);
      owner.flush();
      crash.reached(CrashPoint.CONDEMN_DURABLE);
    }
  }

  /** Lends no more, since the disk does not give all of the blob. */
  void lose() {
    if (phase.compareAndSet(Phase.SEALED, Phase.FILLING)) {
      memory = MemorySegment.NULL;
    }
  }

  /**
   * Takes lent memory back, unless it was used since the last call. Waits for its users, and is not
   * called under the monitor.
   *
   * @param quiesce waits for users of lent memory; if there is none, a sealed blob stays so
   * @return whether the blob is not sealed now
   */
  boolean unseal(Optional<Runnable> quiesce) {
    if (!isSealed()) {
      return true;
    }
    boolean used = memoryUsed;
    memoryUsed = false;
    if (used || quiesce.isEmpty() || !phase.compareAndSet(Phase.SEALED, Phase.UNSEALING)) {
      return false;
    }
    memory = MemorySegment.NULL;
    crash.reached(CrashPoint.EVICT_UNLENT);
    quiesce.get().run();
    crash.reached(CrashPoint.EVICT_QUIESCED);
    synchronized (monitor) {
      unmap();
      arena = Arena.ofShared();
      phase.set(Phase.FILLING);
      crash.reached(CrashPoint.EVICT_UNMAPPED);
    }
    return true;
  }

  /** Has the presence file not say any more that all is there; under the monitor. */
  void unsealOnDisk() throws IOException {
    if (sealedOnDisk) {
      presence.unseal();
      sealedOnDisk = false;
      crash.reached(CrashPoint.EVICT_UNSEALED);
    }
  }

  /** Lends no more, and unmaps what was lent; under the monitor. */
  void close() {
    memory = MemorySegment.NULL;
    unmap();
  }

  private void unmap() {
    while (arena.scope().isAlive()) {
      try {
        arena.close();
      } catch (IllegalStateException e) {
        // A system call still reads from the memory; it ends on its own.
        Thread.onSpinWait();
      }
    }
  }
}
