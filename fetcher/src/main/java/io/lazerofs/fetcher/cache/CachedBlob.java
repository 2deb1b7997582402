package io.lazerofs.fetcher.cache;

import io.lazerofs.fetcher.cache.BlockVerifier.Verdict;
import io.lazerofs.fetcher.cache.PresenceFile.State;
import io.lazerofs.fetcher.cache.PresenceFile.Use;
import io.lazerofs.fetcher.cache.Regions.BlockRange;
import io.lazerofs.fetcher.cache.ScrubReport.WrongRange;
import io.lazerofs.fetcher.logging.LogScope;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityGeometry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One blob of a cache: its sparse data file, and which blocks of it are present. A block may become
 * absent again, when it is evicted or the disk does not give it.
 *
 * <p>All users of a blob share one object; each gives it back with one {@link #close}. It is safe
 * for use by many threads at once, and reads take no lock. Offsets and lengths are in bytes and lie
 * within the blob.
 *
 * <p>With a hash tree, a block is verified before it is written; without one it is believed until
 * the digest of the whole can be held against it. After an unclean stop ({@link PresenceFile}) the
 * blocks of a blob with a tree are claimed, not present: {@link #verifyClaims} makes of each a
 * present or an absent one when it is wanted, and a blob that is claimed or present as a whole is
 * checked as one in the background ({@link Sealing}).
 */
public final class CachedBlob implements AutoCloseable {
  /** The unit of presence in bytes; the last block of a blob may be shorter. */
  public static final int BLOCK_BYTES = PresenceMap.BLOCK_BYTES;

  /** How long nothing is fetched for a blob whose content was wrong as a whole. */
  static final Duration CONDEMNED_FOR = Duration.ofSeconds(30);

  private static final Logger logger = LoggerFactory.getLogger(CachedBlob.class);

  private final BlobKey key;
  private final Optional<HashTree> tree;
  private final Storage storage;
  private final DataFile data;
  private final PresenceMap map;
  private final PresenceMap claimed;
  private final Claims claims;
  private final Regions regions;
  private final PresenceFile presence;
  private final DiskHealth health;
  private final CrashPoint.Hook crash;
  private final Consumer<CachedBlob> release;
  private final ReentrantReadWriteLock filling = new ReentrantReadWriteLock();
  private final Sealing sealing;
  private final BlobReads reads;
  private volatile boolean loaded;
  private volatile boolean closed;

  /*
   * What is on disk changes under the monitor of this object: load, flush, seal, discard, evict and
   * close exclude each other. Readers of blocks do not take it, nor any other lock, and writers do
   * not but to load. Lock order: monitor, then the write side of "filling".
   *
   * Eviction against readers: bits are cleared, which the map counts, before anything is punched;
   * BlobReads looks at that.
   *
   * Eviction against writers: from the clearing to the punch no writer marks blocks, or the punch
   * would take what it wrote. Writers hold the read side of "filling", an eviction its write side;
   * what was written before is made durable first, so that this takes two small writes of the disk.
   *
   * Eviction against a crash: the cleared bits are durable before the punch, and so is the header
   * of a file that said "sealed".
   *
   * Eviction against lent memory: a page of a hole would read as zeros there. So no more is lent,
   * then all who may use some are awaited, then it is unmapped, and only then is punched.
   */

  private CachedBlob(
      BlobKey key, Storage storage, Executor background, Consumer<CachedBlob> release) {
    long blocks = (key.size() + BLOCK_BYTES - 1) / BLOCK_BYTES;
    this.key = key;
    this.tree = key.verity().map(HashTree::new);
    this.storage = storage;
    this.crash = storage.crash();
    this.data = storage.directory().data(key);
    this.map = new PresenceMap(blocks);
    this.claimed = new PresenceMap(blocks);
    this.claims = new Claims(key, data, map, claimed, filling.readLock(), crash);
    this.regions = new Regions(key.size());
    this.presence = new PresenceFile(key, map, claimed, storage.directory().presence(key), crash);
    this.health = new DiskHealth("blob " + key.digest(), storage.clock());
    this.release = release;
    this.sealing =
        new Sealing(key, data, map, claims, presence, storage, background, new InUse(), this);
    this.reads = new BlobReads(this, data, map, regions, storage.held(), this::lose);
  }

  /** This blob, as far as its sealing is concerned. */
  private final class InUse implements Sealing.Owner {
    @Override
    public boolean isOpen() {
      return loaded && !closed;
    }

    @Override
    public void flush() throws IOException {
      CachedBlob.this.flush();
    }
  }

  /**
   * Opens a blob with what is present of it on disk. When the disk fails, nothing is present, what
   * comes passes through, and opening is tried again by a later write.
   *
   * @param release is told when a user gives the blob back
   */
  static CachedBlob open(
      BlobKey key, Storage storage, Executor background, Consumer<CachedBlob> release) {
    CachedBlob blob = new CachedBlob(key, storage, background, release);
    try {
      blob.load();
    } catch (IOException e) {
      blob.health.failed(DiskHealth.Attempt.NORMAL, e);
    }
    return blob;
  }

  /** Opens the files and takes what they say, unless that was done before. */
  private synchronized void load() throws IOException {
    if (loaded) {
      return;
    }
    storage.own();
    data.open();
    crash.reached(CrashPoint.LOAD_DATA_OPENED);
    presence.open();
    crash.reached(CrashPoint.LOAD_PRESENCE_OPENED);
    boolean sealed;
    try {
      sealed = take(presence.load(data.size()));
    } catch (IOException e) {
      // Another try takes it all again.
      map.clear();
      claimed.clear();
      throw e;
    }
    loaded = true;
    sealing.begin(sealed);
    crash.reached(CrashPoint.LOAD_DONE);
  }

  /**
   * Says on disk that the blob is in use, or begins with nothing; returns whether all is present.
   */
  private boolean take(PresenceFile.Found found) throws IOException {
    crash.reached(CrashPoint.LOAD_READ);
    boolean unclean = found.use() == Use.IN_USE;
    boolean sealed = found.state() == State.SEALED && !unclean;
    if (sealed) {
      presence.writeState(State.SEALED, Use.IN_USE);
      crash.reached(CrashPoint.LOAD_SEALED_IN_USE);
    } else if (found.state() == State.SEALED) {
      presence.unseal();
    } else if (map.presentBlocks() + claims.blocks() == 0) {
      startEmpty();
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
    return sealed;
  }

  /** Makes both files anew; the presence file first, so that old bytes are not taken for new. */
  private void startEmpty() throws IOException {
    presence.rewrite();
    crash.reached(CrashPoint.LOAD_EMPTY);
    data.resize(0);
    crash.reached(CrashPoint.LOAD_EMPTY_DATA_CUT);
    data.resize(key.size());
    crash.reached(CrashPoint.LOAD_EMPTY_DATA_SIZED);
    storage.directory().force();
    crash.reached(CrashPoint.LOAD_EMPTY_NAMES_DURABLE);
  }

  BlobKey key() {
    return key;
  }

  /** Returns the first part of the names of its files. */
  String name() {
    return key.fileName();
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

  /** Returns how many bytes an unclean stop left to be verified. */
  long claimedBytes() {
    return claims.blocks() * BLOCK_BYTES;
  }

  /** Tells whether all that is present was verified, block by block or as a whole. */
  boolean isVerified() {
    return isSealed() || (tree.isPresent() && claims.blocks() == 0);
  }

  /** Tells whether all is present and the digest of the whole was right. */
  public boolean isSealed() {
    return sealing.isSealed();
  }

  /**
   * Tells whether all of {@code [offset, offset + length)} is present, or held in memory for those
   * who wait for it.
   */
  public boolean isPresent(long offset, long length) {
    long end = blockEnd(offset + length);
    long block = map.nextAbsent(offset / BLOCK_BYTES, end);
    while (block < end && !storage.held().isEmpty() && storage.held().holds(this, block)) {
      block = map.nextAbsent(block + 1, end);
    }
    return block >= end;
  }

  /** Returns where the first absent block of {@code [offset, end)} begins, or {@code end}. */
  public long firstAbsent(long offset, long end) {
    long found = map.nextAbsent(offset / BLOCK_BYTES, blockEnd(end)) * BLOCK_BYTES;
    return Math.min(end, Math.max(offset, found));
  }

  /** Returns where the first present block of {@code [offset, end)} begins, or {@code end}. */
  public long firstPresent(long offset, long end) {
    long found = map.nextPresent(offset / BLOCK_BYTES, blockEnd(end)) * BLOCK_BYTES;
    return Math.min(end, Math.max(offset, found));
  }

  /** Returns where the last absent block of {@code [offset, end)} ends, or {@code offset}. */
  public long lastAbsentEnd(long offset, long end) {
    long found = map.endOfAbsent(offset / BLOCK_BYTES, blockEnd(end)) * BLOCK_BYTES;
    return Math.min(end, Math.max(offset, found));
  }

  /** What became of a read. */
  public enum Outcome {
    /** The bytes are there. */
    READ,
    /** Some block is absent; what the destination holds is undefined. */
    ABSENT,
    /** Nothing was read: the cache's file system has no way past its page cache. */
    REFUSED
  }

  /**
   * Fills the {@code length} bytes of {@code destination} from {@code at} on, if all of the range
   * is present. No object is made when {@code destination} is native memory.
   *
   * <p>Blocks that the disk cannot give any more are absent from then on; that is logged.
   *
   * @throws IOException when the blob is closed
   */
  public Outcome read(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    return reads.read(offset, destination, at, length);
  }

  /** Reads as {@link #read} does, past the page cache. */
  public Outcome readFromDevice(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    return reads.readFromDevice(offset, destination, at, length);
  }

  /** Makes absent what the disk does not give; what comes instead passes through for a while. */
  private void lose(long firstBlock, long endBlock, IOException reason) throws IOException {
    if (closed) {
      throw reason;
    }
    try (LogScope scope = LogScope.layer(digest())) {
      logger.warn(
          "blob {}: bytes {} to {} are absent again, the disk does not give them: {}",
          digest(),
          firstBlock * BLOCK_BYTES,
          endBlock * BLOCK_BYTES,
          reason.toString());
      health.failed(DiskHealth.Attempt.NORMAL, reason);
    }
    sealing.lose();
    map.clear(firstBlock, endBlock);
  }

  /** Tells whether what comes for this blob is held for those who wait, and not kept. */
  public boolean passesThrough() {
    return !health.isWell() || !storage.isWell();
  }

  /**
   * Says that a reader waits for a range: it is not evicted until the reader has it. Where the blob
   * {@linkplain #passesThrough passes through}, this waits until not too many bytes are waited for.
   *
   * @throws IOException when the blob passes through, and the range is longer than what can be held
   */
  public AwaitedRange await(long offset, long length) throws IOException {
    return AwaitedRange.begin(storage.held(), regions.pin(offset, length), length, passesThrough());
  }

  /**
   * Returns memory that holds all of the blob while it is sealed, {@link MemorySegment#NULL}
   * otherwise; valid until the last user closed the blob or, where the cache {@linkplain
   * BlobCache#quiesceBy has been told} how to wait for its users, until they are done.
   */
  public MemorySegment memory() {
    return sealing.memory();
  }

  /**
   * Returns a writer for the range, which begins and ends at a block's border or the blob's end.
   * Two writers at once have ranges that do not overlap, or the same bytes.
   *
   * @param stepBytes how much is written and marked present at a time: a multiple of a block
   * @param source asked for blocks of the tree that are absent and that the range is verified by;
   *     all of them lie in the tree, and when the range does so too, before its end
   */
  public BlockWriter writer(long offset, long length, int stepBytes, HashTreeSource source) {
    // The two blocks at a tree's top only come in together.
    int bytes = tree.isPresent() ? Math.max(stepBytes, 2 * BLOCK_BYTES) : stepBytes;
    return new BlockWriter(this, offset, offset + length, bytes, verifier(source), crash);
  }

  /** Returns what verifies blocks of this blob. */
  BlockVerifier verifier(HashTreeSource source) {
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
    sealing.checkUsable();
  }

  /**
   * Writes whole blocks where they are absent and right, and marks them present; where the disk
   * does not take them, they are held for those who wait for them.
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
      // May wait for the tree, and holds no lock.
      long runEnd = Math.min(firstPresent(at, end), verifier.runEnd(at));
      ByteBuffer run = blocks.slice((int) (at - offset), (int) (runEnd - at));
      Verdict verdict = verifier.verify(at, run);
      crash.reached(CrashPoint.STORE_VERIFIED);
      if (verdict.rightBytes() > 0) {
        keep(at, run.limit(verdict.rightBytes()));
      }
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
    sealing.checkWhenComplete();
  }

  private void keep(long offset, ByteBuffer blocks) throws IOException {
    DiskHealth.Attempt attempt = health.attempt();
    if (attempt != DiskHealth.Attempt.NONE
        && isOpen(attempt)
        && storage.write(blocks.remaining(), () -> write(offset, blocks))) {
      health.worked(attempt);
      regions.touch(offset, blocks.remaining());
    } else {
      storage.held().hold(this, offset / BLOCK_BYTES, blocks);
    }
  }

  /** Tells whether the files are open, after another try if they are not. */
  private boolean isOpen(DiskHealth.Attempt attempt) {
    try {
      load();
      return true;
    } catch (IOException e) {
      health.failed(attempt, e);
      return false;
    }
  }

  private void write(long offset, ByteBuffer blocks) throws IOException {
    filling.readLock().lock();
    try {
      writeAbsent(offset, blocks);
    } finally {
      filling.readLock().unlock();
    }
  }

  private void writeAbsent(long offset, ByteBuffer blocks) throws IOException {
    long firstBlock = offset / BLOCK_BYTES;
    long endBlock = blockEnd(offset + blocks.remaining());
    long block = map.nextAbsent(firstBlock, endBlock);
    while (block < endBlock) {
      long end = map.nextPresent(block, endBlock);
      int from = (int) (block * BLOCK_BYTES - offset);
      int to = (int) Math.min(blocks.limit(), end * BLOCK_BYTES - offset);
      data.write(blocks.slice(from, to - from), offset + from);
      crash.reached(CrashPoint.STORE_WRITTEN);
      claims.take(block, end);
      map.mark(block, end);
      crash.reached(CrashPoint.STORE_MARKED);
      block = map.nextAbsent(end, endBlock);
    }
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
    sealing.checkWhenComplete();
    return wrong;
  }

  /** Returns the ranges of {@code [start, end)} that an unclean stop left to be verified. */
  List<WrongRange> claimedRanges(long start, long end) {
    List<WrongRange> ranges = new ArrayList<>();
    long last = blockEnd(end);
    for (long block = claimed.nextPresent(start / BLOCK_BYTES, last); block < last; ) {
      long absent = claimed.nextAbsent(block, last);
      ranges.add(new WrongRange(block * BLOCK_BYTES, Math.min(end, absent * BLOCK_BYTES)));
      block = claimed.nextPresent(absent, last);
    }
    return ranges;
  }

  /**
   * Makes blocks absent whose bytes on disk are wrong, durably; they are fetched when they are
   * wanted.
   */
  void drop(long start, long end) throws IOException {
    logger.warn("blob {}: wrong bytes on disk at {} to {} are absent again", key, start, end);
    sealing.lose();
    claims.take(start / BLOCK_BYTES, blockEnd(end));
    map.clear(start / BLOCK_BYTES, blockEnd(end));
    synchronized (this) {
      if (loaded && !closed) {
        sealing.unsealOnDisk();
        flush();
      }
    }
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

  /**
   * Gives parts of this blob back to the disk that were not read of late, at least {@code
   * wantedBytes} of it if there is so much. One call at a time; it waits for the disk.
   *
   * @param quiesce waits for users of lent memory; if there is none, a sealed blob stays whole
   * @return how many bytes the disk has more
   * @throws IOException when the disk fails; what was not given back by then is absent or present
   */
  long evict(long wantedBytes, Optional<Runnable> quiesce) throws IOException {
    crash.reached(CrashPoint.EVICT_BEGUN);
    if (!sealing.unseal(quiesce)) {
      return 0;
    }
    // Most of what is to be made durable is now, while writers are not kept waiting.
    flush();
    crash.reached(CrashPoint.EVICT_FLUSHED);
    synchronized (this) {
      if (!loaded || closed || !sealing.isFilling()) {
        return 0;
      }
      filling.writeLock().lock();
      try {
        crash.reached(CrashPoint.EVICT_LOCKED);
        return evictCold(regions.cold(map, wantedBytes));
      } finally {
        filling.writeLock().unlock();
      }
    }
  }

  private long evictCold(List<BlockRange> cold) throws IOException {
    if (cold.isEmpty()) {
      return 0;
    }
    for (BlockRange range : cold) {
      // In this order who verifies a claim meanwhile sees that the blocks went.
      claims.take(range.first(), range.end());
      map.clear(range.first(), range.end());
    }
    crash.reached(CrashPoint.EVICT_CLEARED);
    flush();
    crash.reached(CrashPoint.EVICT_CLEARED_DURABLE);
    sealing.unsealOnDisk();
    long before = data.allocatedBytes();
    for (BlockRange range : cold) {
      long start = range.first() * BLOCK_BYTES;
      data.punch(start, range.end() * BLOCK_BYTES - start);
      crash.reached(CrashPoint.EVICT_PUNCHED_ONE);
    }
    crash.reached(CrashPoint.EVICT_PUNCHED);
    return Math.max(0, before - data.allocatedBytes());
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
      if (loaded && claims.blocks() == 0) {
        presence.writeState(isSealed() ? State.SEALED : State.FILLING, Use.CLOSED);
        crash.reached(CrashPoint.CLOSE_CLEAN);
      }
      touch();
    } finally {
      closed = true;
      crash.reached(CrashPoint.CLOSE_FILES_CLOSED);
      sealing.close();
      storage.held().forget(this);
      crash.reached(CrashPoint.CLOSE_UNMAPPED);
    }
  }

  /** Records on disk that the blob is in use, for who evicts by that later. */
  void touch() throws IOException {
    if (loaded) {
      storage.directory().touch(key, storage.clock().instant());
    }
  }

  private static long blockEnd(long offset) {
    return (offset + BLOCK_BYTES - 1) / BLOCK_BYTES;
  }
}
