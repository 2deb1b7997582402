package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.Executor;
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
 *    └────── opened again ──────── CONDEMNED ◀── digest wrong                nothing is present
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
    CONDEMNED
  }

  private final BlobKey key;
  private final DataFile data;
  private final PresenceMap map;
  private final PresenceFile presence;
  private final Executor background;
  private final Consumer<CachedBlob> release;
  private final Arena arena = Arena.ofShared();
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.FILLING);
  private final AtomicReference<DigestMismatchException> mismatch = new AtomicReference<>();
  private volatile MemorySegment memory = MemorySegment.NULL;
  private volatile boolean closed;

  /* What is on disk changes under the monitor of this object: flush, seal, discard and close
   * exclude each other. Writers and readers of blocks do not take it. */

  private CachedBlob(
      BlobKey key,
      CacheDirectory directory,
      DataFile data,
      Executor background,
      Consumer<CachedBlob> release)
      throws IOException {
    this.key = key;
    this.data = data;
    this.map = new PresenceMap((key.size() + BLOCK_BYTES - 1) / BLOCK_BYTES);
    this.presence = new PresenceFile(key, map, directory.openPresence(key));
    this.background = background;
    this.release = release;
  }

  /**
   * Opens a blob with what is present of it on disk.
   *
   * @param background runs the check of the whole content
   * @param release is told when a user gives the blob back
   */
  static CachedBlob open(
      BlobKey key, CacheDirectory directory, Executor background, Consumer<CachedBlob> release)
      throws IOException {
    DataFile data = directory.openData(key);
    try {
      CachedBlob blob = new CachedBlob(key, directory, data, background, release);
      try {
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
    PresenceFile.State state = presence.load(data.size());
    if (state == PresenceFile.State.SEALED) {
      enterSealed();
      return;
    }
    if (map.presentBlocks() == 0) {
      // Nothing may be believed of old bytes once new ones come, so the presence file goes first.
      presence.rewrite();
      data.resize(0);
      data.resize(key.size());
      directory.force();
    }
    checkWhenComplete();
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

  /** Returns how many bytes are present. */
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

  /** Writes whole blocks where they are absent, and marks them present. */
  void store(long offset, ByteBuffer blocks) throws IOException {
    // Who saw a block absent because the blob was condemned is refused here.
    checkUsable();
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
    checkWhenComplete();
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
    if (!closed && map.isComplete() && phase.compareAndSet(Phase.FILLING, Phase.CHECKING)) {
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
    enterSealed();
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
    } finally {
      closed = true;
      memory = MemorySegment.NULL;
      unmap();
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
