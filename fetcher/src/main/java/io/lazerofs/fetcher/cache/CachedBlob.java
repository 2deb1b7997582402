package io.lazerofs.fetcher.cache;

import io.lazerofs.fetcher.cache.Regions.BlockRange;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.stream.IntStream;
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
 * <pre>{@code
 * FILLING ── all blocks present ──▶ CHECKING ── digest right ──▶ SEALED      memory() gives it
 *    ▲                                  │
 *    ├────── opened again ──────── CONDEMNED ◀── digest wrong                nothing is present
 *    └────── users of memory() done ──────────── UNSEALING ◀── evicted from, when SEALED
 * }</pre>
 */
public final class CachedBlob implements AutoCloseable {
  /** The unit of presence in bytes; the last block of a blob may be shorter. */
  public static final int BLOCK_BYTES = PresenceMap.BLOCK_BYTES;

  private static final Logger logger = LoggerFactory.getLogger(CachedBlob.class);

  private enum Phase {
    FILLING,
    CHECKING,
    SEALED,
    UNSEALING,
    CONDEMNED
  }

  private final BlobKey key;
  private final Storage storage;
  private final DataFile data;
  private final PresenceMap map;
  private final Regions regions;
  private final PresenceFile presence;
  private final DiskHealth health;
  private final Executor background;
  private final Consumer<CachedBlob> release;
  private final ReentrantReadWriteLock filling = new ReentrantReadWriteLock();
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.FILLING);
  private final AtomicReference<DigestMismatchException> mismatch = new AtomicReference<>();
  private volatile MemorySegment memory = MemorySegment.NULL;
  private volatile boolean memoryUsed;
  private volatile boolean loaded;
  private volatile boolean closed;

  /** What {@link #memory} is of; guarded by this. */
  private Arena arena = Arena.ofShared();

  /** Whether the presence file says that all is present; guarded by this. */
  private boolean sealedOnDisk;

  /*
   * What is on disk changes under the monitor of this object: load, flush, seal, discard, evict and
   * close exclude each other. Readers of blocks do not take it, nor any other lock, and writers do
   * not but to load. Lock order: monitor, then the write side of "filling".
   *
   * Eviction against readers: bits are cleared, which the map counts, before anything is punched. A
   * reader takes the count, sees its blocks present, reads, and takes the count again. If it is the
   * same, no bit was cleared until after the read, so nothing that was read was punched. If not, it
   * begins again. A look at the bits alone would not do: the blocks may be gone and back.
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
    this.key = key;
    this.storage = storage;
    this.data = storage.directory().data(key);
    this.map = new PresenceMap((key.size() + BLOCK_BYTES - 1) / BLOCK_BYTES);
    this.regions = new Regions(key.size());
    this.presence = new PresenceFile(key, map, storage.directory().presence(key));
    this.health = new DiskHealth("blob " + key.digest(), storage.clock());
    this.background = background;
    this.release = release;
  }

  /**
   * Opens a blob with what is present of it on disk. When the disk fails, nothing is present, what
   * comes passes through, and opening is tried again by a later write.
   *
   * @param background runs the check of the whole content
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
    presence.open();
    PresenceFile.State state = presence.load(data.size());
    sealedOnDisk = state == PresenceFile.State.SEALED;
    if (!sealedOnDisk && map.presentBlocks() == 0) {
      // Nothing may be believed of old bytes once new ones come, so the presence file goes first.
      presence.rewrite();
      data.resize(0);
      data.resize(key.size());
      storage.directory().force();
    }
    loaded = true;
    if (sealedOnDisk) {
      enterSealed();
    } else {
      checkWhenComplete();
    }
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

  /** Returns how many bytes are present. */
  public long presentBytes() {
    return Math.min(key.size(), map.presentBlocks() * BLOCK_BYTES);
  }

  /** Tells whether all is present and the digest of the whole was right. */
  public boolean isSealed() {
    return phase.get() == Phase.SEALED;
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

  /** How bytes come out of the data file; false when they cannot come in this way. */
  @FunctionalInterface
  private interface Way {
    boolean read(DataFile data, long offset, MemorySegment destination, long at, long length)
        throws IOException;
  }

  private static final Way PAGE_CACHE =
      (data, offset, destination, at, length) -> {
        data.read(offset, destination, at, length);
        return true;
      };
  private static final Way DEVICE = DataFile::readFromDevice;

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
    return read(PAGE_CACHE, offset, destination, at, length);
  }

  /** Reads as {@link #read} does, past the page cache. */
  public Outcome readFromDevice(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    return read(DEVICE, offset, destination, at, length);
  }

  private Outcome read(Way way, long offset, MemorySegment destination, long at, long length)
      throws IOException {
    long first = offset / BLOCK_BYTES;
    long end = blockEnd(offset + length);
    while (true) {
      long clearings = map.clearings();
      if (!map.isPresent(first, end)) {
        return readHeld(offset, destination, at, length);
      }
      try {
        if (!way.read(data, offset, destination, at, length)) {
          return Outcome.REFUSED;
        }
      } catch (IOException e) {
        lose(first, end, e);
        return Outcome.ABSENT;
      }
      if (map.clearings() == clearings) {
        regions.touch(offset, length);
        return Outcome.READ;
      }
    }
  }

  /** Reads block by block, from memory or from the file. */
  private Outcome readHeld(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    if (storage.held().isEmpty()) {
      return Outcome.ABSENT;
    }
    for (long done = 0; done < length; ) {
      long block = (offset + done) / BLOCK_BYTES;
      int skip = (int) ((offset + done) % BLOCK_BYTES);
      int count = (int) Math.min(BLOCK_BYTES - skip, length - done);
      if (!storage.held().copy(this, block, skip, destination, at + done, count)
          && (!map.isPresent(block, block + 1)
              || read(offset + done, destination, at + done, count) != Outcome.READ)) {
        return Outcome.ABSENT;
      }
      done += count;
    }
    return Outcome.READ;
  }

  /** Makes absent what the disk does not give; what comes instead passes through for a while. */
  private void lose(long firstBlock, long endBlock, IOException reason) throws IOException {
    if (closed) {
      throw reason;
    }
    logger.warn(
        "blob {}: bytes {} to {} are absent again, the disk does not give them: {}",
        digest(),
        firstBlock * BLOCK_BYTES,
        endBlock * BLOCK_BYTES,
        reason.toString());
    health.failed(DiskHealth.Attempt.NORMAL, reason);
    if (phase.compareAndSet(Phase.SEALED, Phase.FILLING)) {
      memory = MemorySegment.NULL;
    }
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
    MemorySegment lent = memory;
    if (!memoryUsed && lent.byteSize() != 0) {
      memoryUsed = true;
    }
    return lent;
  }

  /**
   * Returns a writer for the range, which begins and ends at a block's border or the blob's end.
   * Two writers at once have ranges that do not overlap.
   *
   * @param stepBytes how much is written and marked present at a time: a multiple of a block
   */
  public BlockWriter writer(long offset, long length, int stepBytes) {
    return new BlockWriter(this, offset, offset + length, stepBytes);
  }

  /**
   * Says whether bytes for this blob are still wanted.
   *
   * @throws DigestMismatchException when all came and were not those of the digest
   */
  public void checkUsable() throws DigestMismatchException {
    DigestMismatchException found = mismatch.get();
    if (found != null) {
      throw new DigestMismatchException(found.expected(), found.actual());
    }
  }

  /**
   * Writes whole blocks where they are absent, and marks them present; where the disk does not take
   * them, they are held for those who wait for them.
   */
  void store(long offset, ByteBuffer blocks) throws IOException {
    // Who saw a block absent because the blob was condemned is refused here.
    checkUsable();
    keep(offset, blocks);
    checkWhenComplete();
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
      map.mark(block, end);
      block = map.nextAbsent(end, endBlock);
    }
  }

  /**
   * Makes the presence of what is marked by now durable, after the bytes.
   *
   * @throws IOException when the disk refuses; presence is written with the next flush then, or,
   *     when it is the bytes that did not arrive, all of the blob is absent again
   */
  synchronized void flush() throws IOException {
    List<Integer> changed = map.takeChanged();
    if (closed || changed.isEmpty()) {
      return;
    }
    var encoded = presence.encode(changed);
    try {
      data.force();
    } catch (IOException e) {
      // The kernel reports a failed write-back once and then forgets which pages it lost.
      map.clear();
      throw e;
    }
    try {
      presence.write(encoded);
      presence.force();
    } catch (IOException e) {
      map.putBack(changed);
      throw e;
    }
  }

  private void checkWhenComplete() {
    if (loaded
        && !closed
        && map.isComplete()
        && phase.compareAndSet(Phase.FILLING, Phase.CHECKING)) {
      try {
        background.execute(this::check);
      } catch (RejectedExecutionException e) {
        // The process ends; the blob is checked when it is opened again.
        phase.set(Phase.FILLING);
      }
    }
  }

  private void check() {
    try {
      Digest actual = contentDigest();
      if (actual.equals(digest())) {
        seal();
      } else {
        condemn(actual);
      }
    } catch (IOException e) {
      phase.compareAndSet(Phase.CHECKING, Phase.FILLING);
      if (!closed) {
        logger.warn("blob {} is complete but could not be checked or sealed", key, e);
      }
    }
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
    flush();
    if (closed || !map.isComplete()) {
      phase.set(Phase.FILLING);
      checkWhenComplete();
      return;
    }
    presence.writeState(PresenceFile.State.SEALED);
    sealedOnDisk = true;
    enterSealed();
  }

  private void enterSealed() throws IOException {
    phase.set(Phase.SEALED);
    if (key.size() > 0) {
      memory = data.map(arena);
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
    if (phase.get() == Phase.SEALED && !unseal(quiesce)) {
      return 0;
    }
    // Most of what is to be made durable is now, while writers are not kept waiting.
    flush();
    synchronized (this) {
      if (!loaded || closed || phase.get() != Phase.FILLING) {
        return 0;
      }
      filling.writeLock().lock();
      try {
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
    cold.forEach(range -> map.clear(range.first(), range.end()));
    flush();
    if (sealedOnDisk) {
      presence.write(presence.encode(IntStream.range(0, map.sectors()).boxed().toList()));
      presence.writeState(PresenceFile.State.FILLING);
      sealedOnDisk = false;
    }
    long before = data.allocatedBytes();
    for (BlockRange range : cold) {
      long start = range.first() * BLOCK_BYTES;
      data.punch(start, range.end() * BLOCK_BYTES - start);
    }
    return Math.max(0, before - data.allocatedBytes());
  }

  /** Takes lent memory back, unless it was used since the last call; returns whether it did. */
  private boolean unseal(Optional<Runnable> quiesce) {
    boolean used = memoryUsed;
    memoryUsed = false;
    if (used || quiesce.isEmpty() || !phase.compareAndSet(Phase.SEALED, Phase.UNSEALING)) {
      return false;
    }
    memory = MemorySegment.NULL;
    quiesce.get().run();
    synchronized (this) {
      unmap();
      arena = Arena.ofShared();
      phase.set(Phase.FILLING);
    }
    return true;
  }

  private synchronized void condemn(Digest actual) throws IOException {
    logger.error(
        "blob {}: wrong content at 0 to {}: expected {}, actual {}; all of it is absent again",
        key,
        key.size(),
        digest(),
        actual);
    mismatch.set(new DigestMismatchException(digest(), actual));
    phase.set(Phase.CONDEMNED);
    map.clear();
    flush();
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
    try (data;
        presence) {
      flush();
      touch();
    } finally {
      closed = true;
      memory = MemorySegment.NULL;
      unmap();
      storage.held().forget(this);
    }
  }

  /** Records on disk that the blob is in use, for who evicts by that later. */
  void touch() throws IOException {
    if (loaded) {
      storage.directory().touch(key, storage.clock().instant());
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
