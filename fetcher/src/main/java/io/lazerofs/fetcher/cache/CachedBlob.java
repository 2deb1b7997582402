package io.lazerofs.fetcher.cache;

import io.lazerofs.fetcher.cache.BlockVerifier.Verdict;
import io.lazerofs.fetcher.cache.PresenceFile.State;
import io.lazerofs.fetcher.cache.PresenceFile.Use;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityGeometry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One blob of a cache: its sparse data file, and which blocks of it are present.
 *
 * <p>All users of a blob share one object; each gives it back with one {@link #close}. It is safe
 * for use by many threads at once, and reads take no lock. Offsets and lengths are in bytes and lie
 * within the blob.
 *
 * <pre>{@code
 * FILLING ── all blocks present ──▶ CHECKING ── digest right ──▶ SEALED      memory() gives it
 *    ▲                                  │
 *    └────── half a minute ──────── CONDEMNED ◀── digest wrong               nothing is present
 * }</pre>
 *
 * <p>With a hash tree, a block is verified before it is written; without one it is believed until
 * the digest of the whole can be held against it. After an unclean stop ({@link PresenceFile}) the
 * blocks of a blob with a tree are claimed, not present: {@link #verifyClaims} makes of each a
 * present or an absent one when it is wanted, and a blob that is claimed or present as a whole is
 * checked as one in the background.
 */
public final class CachedBlob implements AutoCloseable {
  /** The unit of presence in bytes; the last block of a blob may be shorter. */
  public static final int BLOCK_BYTES = PresenceMap.BLOCK_BYTES;

  /** How long nothing is fetched for a blob whose content was wrong as a whole. */
  static final Duration CONDEMNED_FOR = Duration.ofSeconds(30);

  private static final Logger logger = LoggerFactory.getLogger(CachedBlob.class);

  private enum Phase {
    FILLING,
    CHECKING,
    SEALED,
    CONDEMNED
  }

  /** What all of the content was instead of what the digest names, and when that was found. */
  private record Mismatch(Digest actual, Instant found) {}

  private final BlobKey key;
  private final Optional<HashTree> tree;
  private final DataFile data;
  private final PresenceMap map;

  private final Claims claims;
  private final PresenceFile presence;
  private final CacheRuntime runtime;
  private final CrashPoint.Hook crash;
  private final Consumer<CachedBlob> release;
  private final Arena arena = Arena.ofShared();
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.FILLING);
  private final AtomicReference<Optional<Mismatch>> mismatch =
      new AtomicReference<>(Optional.empty());
  private volatile MemorySegment memory = MemorySegment.NULL;
  private volatile boolean claimsDoubted;
  private volatile boolean closed;

  /* What is on disk changes under the monitor of this object: flush, seal, discard and close
   * exclude each other. Writers and readers of blocks do not take it. */

  private CachedBlob(
      BlobKey key,
      CacheDirectory directory,
      DataFile data,
      CacheRuntime runtime,
      Consumer<CachedBlob> release)
      throws IOException {
    long blocks = (key.size() + BLOCK_BYTES - 1) / BLOCK_BYTES;
    this.key = key;
    this.tree = key.verity().map(HashTree::new);
    this.data = data;
    this.map = new PresenceMap(blocks);
    PresenceMap claimed = new PresenceMap(blocks);
    this.claims = new Claims(key, data, map, claimed, runtime.crash());
    this.runtime = runtime;
    this.crash = runtime.crash();
    this.presence = new PresenceFile(key, map, claimed, directory.openPresence(key), crash);
    this.release = release;
  }

  /**
   * Opens a blob with what is present of it on disk.
   *
   * @param release is told when a user gives the blob back
   */
  static CachedBlob open(
      BlobKey key, CacheDirectory directory, CacheRuntime runtime, Consumer<CachedBlob> release)
      throws IOException {
    DataFile data = directory.openData(key);
    try {
      runtime.crash().reached(CrashPoint.LOAD_DATA_OPENED);
      CachedBlob blob = new CachedBlob(key, directory, data, runtime, release);
      try {
        blob.crash.reached(CrashPoint.LOAD_PRESENCE_OPENED);
        blob.load(directory);
        return blob;
      } catch (IOException | RuntimeException e) {
        blob.presence.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      data.close();
      throw e;
    }
  }

  private synchronized void load(CacheDirectory directory) throws IOException {
    PresenceFile.Found found = presence.load(data.size());
    crash.reached(CrashPoint.LOAD_READ);
    boolean unclean = found.use() == Use.IN_USE;
    if (found.state() == State.SEALED && !unclean) {
      presence.writeState(State.SEALED, Use.IN_USE);
      crash.reached(CrashPoint.LOAD_SEALED_IN_USE);
      enterSealed();
    } else if (found.state() == State.SEALED) {
      presence.unseal();
    } else if (map.presentBlocks() + claims.blocks() == 0) {
      startEmpty(directory);
    } else if (!unclean) {
      presence.writeState(State.FILLING, Use.IN_USE);
      crash.reached(CrashPoint.LOAD_IN_USE);
    }
    if (unclean && map.presentBlocks() + claims.blocks() > 0) {
      logger.info(
          "blob {} was not closed: {} blocks on disk are verified when they are read, {} believed",
          key,
          claims.blocks(),
          map.presentBlocks());
      crash.reached(CrashPoint.LOAD_CLAIMED);
    }
    checkWhenComplete();
    crash.reached(CrashPoint.LOAD_DONE);
  }

  /** Makes both files anew; the presence file first, so that old bytes are not taken for new. */
  private void startEmpty(CacheDirectory directory) throws IOException {
    presence.rewrite();
    crash.reached(CrashPoint.LOAD_EMPTY);
    data.resize(0);
    crash.reached(CrashPoint.LOAD_EMPTY_DATA_CUT);
    data.resize(key.size());
    crash.reached(CrashPoint.LOAD_EMPTY_DATA_SIZED);
    directory.force();
    crash.reached(CrashPoint.LOAD_EMPTY_NAMES_DURABLE);
  }

  BlobKey key() {
    return key;
  }

  public Digest digest() {
    return key.digest();
  }

  /** Returns the size of the blob in bytes. */
  public long size() {
    return key.size();
  }

  /** Returns the hash tree that the blob ends with; empty when it has none. */
  public Optional<VerityGeometry> tree() {
    return tree.map(HashTree::geometry);
  }

  /**
   * Returns where a part of the blob begins whose blocks are written and verified apart from those
   * before it: the hash tree, or the end when there is none or it has no level.
   */
  public long treeOffset() {
    return tree.filter(blocks -> blocks.topStart() > 0).map(HashTree::topStart).orElse(key.size());
  }

  /**
   * Returns where a range has to begin that is to be verified: at {@code start}, or before it when
   * it is the second of the two blocks at the tree's top, which verify each other.
   */
  public long verifiableStart(long start) {
    return tree.filter(blocks -> blocks.isTop(start)).map(HashTree::topStart).orElse(start);
  }

  /** Returns where a range that is not empty has to end that is to be verified. */
  public long verifiableEnd(long end) {
    return tree.filter(blocks -> blocks.isTop(end - 1)).map(HashTree::topEnd).orElse(end);
  }

  /** Returns how many bytes are present; those that an unclean stop left to be verified are not. */
  public long presentBytes() {
    return Math.min(key.size(), map.presentBlocks() * BLOCK_BYTES);
  }

  /** Tells whether all is present and the digest of the whole was right. */
  public boolean isSealed() {
    return phase.get() == Phase.SEALED;
  }

  /** Tells whether all of {@code [offset, offset + length)} is present. */
  public boolean isPresent(long offset, long length) {
    return map.isPresent(offset / BLOCK_BYTES, blockEnd(offset + length));
  }

  /** Returns where the first absent block of {@code [offset, end)} begins, or {@code end}. */
  public long firstAbsent(long offset, long end) {
    long found = map.nextAbsent(offset / BLOCK_BYTES, blockEnd(end)) * BLOCK_BYTES;
    return Math.min(end, Math.max(offset, found));
  }

  /** Returns where the last absent block of {@code [offset, end)} ends, or {@code offset}. */
  public long lastAbsentEnd(long offset, long end) {
    long found = map.endOfAbsent(offset / BLOCK_BYTES, blockEnd(end)) * BLOCK_BYTES;
    return Math.min(end, Math.max(offset, found));
  }

  /**
   * Fills the {@code length} bytes of {@code destination} from {@code at} on from the data file.
   * Whether the range is present is the caller's to know: what is absent reads as anything. No
   * object is made when {@code destination} is native memory.
   */
  public void read(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    data.read(offset, destination, at, length);
  }

  /**
   * Reads as {@link #read} does, past the page cache.
   *
   * @return false when nothing was read, because the cache's file system refuses
   */
  public boolean readFromDevice(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    return data.readFromDevice(offset, destination, at, length);
  }

  /**
   * Returns memory that holds all of the blob once it is sealed, {@link MemorySegment#NULL} before;
   * valid until the last user closed the blob.
   */
  public MemorySegment memory() {
    return memory;
  }

  /**
   * Returns a writer for the range, which begins and ends at a block's border or the blob's end.
   * Two writers at once have ranges that do not overlap, or the same bytes.
   *
   * @param stepBytes how much is written and marked present at a time: a multiple of a block, and
   *     at least two when the blob has a hash tree
   * @param source asked for blocks of the tree that are absent and that the range is verified by;
   *     all of them lie in the tree, and when the range does so too, before its end
   */
  public BlockWriter writer(long offset, long length, int stepBytes, HashTreeSource source) {
    return new BlockWriter(this, offset, offset + length, stepBytes, verifier(source), crash);
  }

  private BlockVerifier verifier(HashTreeSource source) {
    return tree.<BlockVerifier>map(blocks -> new TreeVerifier(this, blocks, source, crash))
        .orElse(BlockVerifier.NONE);
  }

  /**
   * Says whether bytes for this blob are still wanted.
   *
   * @throws DigestMismatchException when all came and were not those of the digest, for half a
   *     minute; then all of it may be fetched again
   */
  public void checkUsable() throws DigestMismatchException {
    Optional<Mismatch> found = mismatch.get();
    if (found.isEmpty()) {
      return;
    }
    if (runtime.clock().instant().isBefore(found.get().found.plus(CONDEMNED_FOR))) {
      throw new DigestMismatchException(digest(), found.get().actual);
    }
    if (mismatch.compareAndSet(found, Optional.empty())) {
      phase.compareAndSet(Phase.CONDEMNED, Phase.FILLING);
      crash.reached(CrashPoint.CONDEMN_OVER);
    }
  }

  /**
   * Writes whole blocks where they are absent and right, and marks them present.
   *
   * @param blocks from {@code offset} on, between its position 0 and its limit
   * @throws WrongBytesException when a block is wrong; those before it are present
   */
  void store(long offset, ByteBuffer blocks, BlockVerifier verifier) throws IOException {
    // Who saw a block absent because the blob was condemned is refused here.
    checkUsable();
    crash.reached(CrashPoint.STORE_BEGUN);
    long end = offset + blocks.limit();
    long at = firstAbsent(offset, end);
    while (at < end) {
      long runEnd = Math.min(firstPresent(at, end), verifier.runEnd(at));
      ByteBuffer run = blocks.slice((int) (at - offset), (int) (runEnd - at));
      Verdict verdict = verifier.verify(at, run);
      crash.reached(CrashPoint.STORE_VERIFIED);
      write(at, run.limit(verdict.rightBytes()));
      if (verdict.wrong().isPresent()) {
        crash.reached(CrashPoint.STORE_WRONG);
        throw verdict.wrong().get();
      }
      if (at + verdict.rightBytes() < runEnd) {
        // The rest of a broken request: it is absent, and comes again with what verifies it.
        crash.reached(CrashPoint.STORE_NOT_VERIFIABLE);
        return;
      }
      at = firstAbsent(runEnd, end);
    }
    crash.reached(CrashPoint.STORE_DONE);
    checkWhenComplete();
  }

  /** Writes blocks that are right, and marks them present. */
  private void write(long offset, ByteBuffer blocks) throws IOException {
    if (blocks.hasRemaining()) {
      long end = blockEnd(offset + blocks.limit());
      data.write(blocks, offset);
      crash.reached(CrashPoint.STORE_WRITTEN);
      claims.take(offset / BLOCK_BYTES, end);
      map.mark(offset / BLOCK_BYTES, end);
      crash.reached(CrashPoint.STORE_MARKED);
    }
  }

  private long firstPresent(long offset, long end) {
    return Math.min(end, map.nextPresent(offset / BLOCK_BYTES, blockEnd(end)) * BLOCK_BYTES);
  }

  /**
   * Verifies what an unclean stop left of a range: each block is present afterwards, or absent and
   * to be fetched. Returns at once when there is nothing of the kind. Two calls at once have ranges
   * that do not overlap.
   *
   * @param source as that of {@link #writer}
   * @return how many blocks were wrong; each is logged
   * @throws IOException when the blocks that they are verified by cannot be had
   */
  public int verifyClaims(long offset, long length, HashTreeSource source) throws IOException {
    int wrong = claims.verify(offset, offset + length, () -> verifier(source));
    checkWhenComplete();
    return wrong;
  }

  /** Reads a block of the file into the rest of {@code target}. */
  void readBlock(long offset, ByteBuffer target) throws IOException {
    data.read(target, offset);
  }

  /**
   * Makes the presence of what is marked by now durable, after the bytes.
   *
   * @throws IOException when the disk refuses; presence is written with the next flush then, or,
   *     when it is the bytes that did not arrive, all of the blob is absent again
   */
  synchronized void flush() throws IOException {
    Set<Integer> changed = presence.takeChanged();
    crash.reached(CrashPoint.FLUSH_TAKEN);
    if (closed || changed.isEmpty()) {
      return;
    }
    var encoded = presence.encode(changed);
    crash.reached(CrashPoint.FLUSH_ENCODED);
    try {
      data.force();
    } catch (IOException e) {
      crash.reached(CrashPoint.FLUSH_DATA_FAILED);
      // The kernel reports a failed write-back once and then forgets which pages it lost.
      map.clear();
      crash.reached(CrashPoint.FLUSH_DATA_LOST);
      throw e;
    }
    crash.reached(CrashPoint.FLUSH_DATA_DURABLE);
    try {
      presence.write(encoded);
      crash.reached(CrashPoint.FLUSH_PRESENCE_WRITTEN);
      presence.force();
      crash.reached(CrashPoint.FLUSH_PRESENCE_DURABLE);
    } catch (IOException e) {
      crash.reached(CrashPoint.FLUSH_PRESENCE_FAILED);
      map.putBack(changed);
      throw e;
    }
  }

  private void checkWhenComplete() {
    if (!closed && isWhole() && phase.compareAndSet(Phase.FILLING, Phase.CHECKING)) {
      try {
        runtime.background().execute(this::check);
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
    try {
      boolean claimed = claims.blocks() > 0;
      crash.reached(CrashPoint.CHECK_BEGUN);
      Digest actual = contentDigest();
      if (actual.equals(digest())) {
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
      if (!closed) {
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
        digest(),
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

  private synchronized void seal() throws IOException {
    crash.reached(CrashPoint.SEAL_BEGUN);
    claims.believe();
    flush();
    crash.reached(CrashPoint.SEAL_FLUSHED);
    if (closed || !map.isComplete()) {
      phase.set(Phase.FILLING);
      checkWhenComplete();
      return;
    }
    presence.writeState(State.SEALED, Use.IN_USE);
    crash.reached(CrashPoint.SEAL_WRITTEN);
    enterSealed();
    crash.reached(CrashPoint.SEAL_MAPPED);
  }

  private void enterSealed() throws IOException {
    phase.set(Phase.SEALED);
    if (key.size() > 0) {
      memory = data.map(arena);
    }
  }

  private synchronized void condemn(Digest actual) throws IOException {
    logger.error(
        "blob {}: wrong content at 0 to {}: expected {}, actual {}; all of it is absent again",
        key,
        key.size(),
        digest(),
        actual);
    mismatch.set(Optional.of(new Mismatch(actual, runtime.clock().instant())));
    phase.set(Phase.CONDEMNED);
    crash.reached(CrashPoint.CONDEMN_BEGUN);
    map.clear();
    crash.reached(CrashPoint.CONDEMN_CLEARED);
    flush();
    crash.reached(CrashPoint.CONDEMN_DURABLE);
  }

  /** Gives the blob back; to be called once by each user that got it from {@link BlobCache}. */
  @Override
  public void close() {
    release.accept(this);
  }

  /** Flushes and closes the files. */
  synchronized void closeFiles() throws IOException {
    if (closed) {
      return;
    }
    crash.reached(CrashPoint.CLOSE_BEGUN);
    try (data;
        presence) {
      flush();
      crash.reached(CrashPoint.CLOSE_FLUSHED);
      // What nobody verified since an unclean stop is left as that stop left it.
      if (claims.blocks() == 0) {
        presence.writeState(isSealed() ? State.SEALED : State.FILLING, Use.CLOSED);
        crash.reached(CrashPoint.CLOSE_CLEAN);
      }
    } finally {
      closed = true;
      memory = MemorySegment.NULL;
      crash.reached(CrashPoint.CLOSE_FILES_CLOSED);
      unmap();
      crash.reached(CrashPoint.CLOSE_UNMAPPED);
    }
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

  private static long blockEnd(long offset) {
    return (offset + BLOCK_BYTES - 1) / BLOCK_BYTES;
  }
}
