package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.AwaitedRange;
import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.fetcher.cache.CachedBlob.Outcome;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A blob of a registry as a source of bytes: what is in the cache is read from there, and what is
 * absent is fetched by whoever waits for it, once for all who do.
 *
 * <p>Made by {@link LazyBlobs#open}. Safe for use by many threads at once.
 */
public final class LazyBlob implements ByteSource {
  private static final Logger logger = LoggerFactory.getLogger(LazyBlob.class);

  private final CachedBlob blob;
  private final Fetcher fetcher;
  private final ReadAhead readAhead;
  private final Executor executor;
  private final FetchStatistics statistics;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean lending = true;
  private volatile Touches touches = Touches.NONE;

  LazyBlob(
      CachedBlob blob,
      Fetcher fetcher,
      ReadAhead readAhead,
      Executor executor,
      FetchStatistics statistics) {
    this.blob = blob;
    this.fetcher = fetcher;
    this.readAhead = readAhead;
    this.executor = executor;
    this.statistics = statistics;
  }

  public Digest digest() {
    return blob.digest();
  }

  @Override
  public long size() {
    return blob.size();
  }

  /** Returns how many bytes of the blob are present. */
  public long presentBytes() {
    return blob.presentBytes();
  }

  /** Returns whether all of the blob is present and was what its digest names. */
  public boolean isSealed() {
    return blob.isSealed();
  }

  /** Returns where the first absent block of {@code [offset, end)} begins, or {@code end}. */
  public long firstAbsent(long offset, long end) {
    return blob.firstAbsent(offset, end);
  }

  /** Returns how many bytes of {@code [offset, end)} are absent, in whole blocks. */
  public long absentBytes(long offset, long end) {
    long bytes = 0;
    for (long at = blob.firstAbsent(offset, end); at < end; ) {
      long blockEnd = Math.min(end, (at / CachedBlob.BLOCK_BYTES + 1) * CachedBlob.BLOCK_BYTES);
      bytes += blockEnd - at;
      at = blob.firstAbsent(blockEnd, end);
    }
    return bytes;
  }

  /**
   * Lets a recorder note what is read from now on, until this is closed. As long as it does, reads
   * are answered from the cache's file and not from {@link #memory}, where nobody sees them. To be
   * called at most once.
   */
  public void recordTouches(TouchRecorder recorder) {
    touches = recorder.begin(digest(), size());
  }

  @Override
  public void read(long offset, MemorySegment destination) throws IOException {
    read(offset, destination, 0, destination.byteSize());
  }

  @Override
  public void read(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    check(offset, length);
    finish(blob.read(offset, destination, at, length), offset, length);
  }

  @Override
  public void readFromDevice(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    check(offset, length);
    Outcome outcome = blob.readFromDevice(offset, destination, at, length);
    if (outcome == Outcome.REFUSED) {
      statistics.pageCacheFallback();
      outcome = blob.read(offset, destination, at, length);
    }
    finish(outcome, offset, length);
  }

  private void check(long offset, long length) throws BlobClosedException {
    Objects.checkFromIndexSize(offset, length, size());
    fetcher.checkOpen();
  }

  private void finish(Outcome outcome, long offset, long length) throws AbsentException {
    if (outcome != Outcome.READ) {
      statistics.miss();
      throw new AbsentException(this, offset, length);
    }
    noteHit(offset, length);
  }

  private void noteHit(long offset, long length) {
    statistics.hit();
    touches.add(offset, length);
    if (blob.passesThrough()) {
      return;
    }
    ByteRange ahead = readAhead.onHit(offset, offset + length);
    if (!ahead.isEmpty()) {
      var _ = fetcher.start(ahead, Lane.READ_AHEAD);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Other ranges may be fetched along: the rest of the units that the range touches, and, when
   * the blob is read in order, what comes next. The call does not wait for the latter.
   *
   * @throws FetchFailedException when the registry, or the disk, fails a unit of the range
   * @throws BlobClosedException when the blob is closed before the range is present
   * @throws io.lazerofs.fetcher.cache.DigestMismatchException when all of the blob came and was not
   *     what its digest names
   */
  @Override
  public void fill(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size());
    fetcher.checkOpen();
    if (!blob.isPresent(offset, length)) {
      blob.checkUsable();
      ByteRange wanted = new ByteRange(offset, offset + length);
      ByteRange ahead = readAhead.onMiss(wanted.start(), wanted.end());
      try (AwaitedRange awaited = blob.await(offset, length)) {
        fetcher.bring(wanted, Lane.DEMAND, blob.passesThrough() ? ByteRange.EMPTY : ahead);
      }
    }
  }

  /** {@inheritDoc} A failure is logged; nothing is done while there is no disk to keep it on. */
  @Override
  public void prefetch(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, size());
    if (blob.isPresent(offset, length) || blob.passesThrough()) {
      return;
    }
    try {
      executor.execute(() -> bringQuietly(new ByteRange(offset, offset + length)));
    } catch (RejectedExecutionException e) {
      logger.debug("blob {}: no prefetch, the process ends", digest(), e);
    }
  }

  /**
   * Brings a range onto this machine for a reader that may come some time, and returns when it is
   * present. What is fetched is what is absent of the blocks that the range touches, in short
   * requests that wait while readers do: some at once, and few enough not to be in the way of a
   * reader that comes meanwhile.
   *
   * @throws IOException as {@link #fill} does, and when the disk does not take it
   */
  public void fetchAhead(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size());
    fetcher.checkOpen();
    blob.checkUsable();
    if (blob.passesThrough()) {
      throw new IOException("blob " + digest() + ": nothing is fetched ahead, the disk fails");
    }
    fetcher.bring(new ByteRange(offset, offset + length), Lane.BACKGROUND, ByteRange.EMPTY);
  }

  /**
   * Brings a range onto this machine for a container that starts and will read it, and returns when
   * it is present. What is fetched is as with {@link #fetchAhead}; it does not wait for readers to
   * have what they wait for, but has only a share of the connections.
   *
   * @throws IOException as {@link #fill} does
   */
  public void fetchForStart(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size());
    fetcher.checkOpen();
    blob.checkUsable();
    fetcher.bring(new ByteRange(offset, offset + length), Lane.START, ByteRange.EMPTY);
  }

  private void bringQuietly(ByteRange range) {
    try {
      fetcher.bring(range, Lane.READ_AHEAD, ByteRange.EMPTY);
    } catch (BlobClosedException e) {
      logger.debug("prefetch ended: {}", e.getMessage());
    } catch (IOException e) {
      logger.warn("prefetch of bytes {} to {} ended: {}", range.start(), range.end(), e.toString());
    }
  }

  @Override
  public MemorySegment memory() {
    return lending && !touches.isOpen() ? blob.memory() : MemorySegment.NULL;
  }

  /**
   * Chooses whether {@link #memory} gives any. It does at first; an owner turns it off while he
   * reads where whoever takes memory back for an eviction ({@link
   * io.lazerofs.fetcher.cache.BlobCache#quiesceBy}) does not wait for him.
   */
  public void lendMemory(boolean lend) {
    lending = lend;
  }

  /** Cancels the fetches of this blob, waits for their end, and gives the cached blob back. */
  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      touches.release();
      try {
        fetcher.close();
      } finally {
        blob.close();
      }
    }
  }
}
