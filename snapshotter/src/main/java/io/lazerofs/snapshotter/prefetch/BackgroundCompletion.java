package io.lazerofs.snapshotter.prefetch;

import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.fetcher.lazy.BlobClosedException;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.trace.AheadStatistics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes open blobs while nobody waits for a registry, at a pace: a bucket of one second's bytes
 * that fills evenly and gives them out in small pieces.
 *
 * <p>It begins when no read has met absent bytes for a while, looks for such a read before each
 * piece, and stops for it. It does nothing while the cache has no room to spare: what it would
 * fetch is of less use than what would go.
 */
public final class BackgroundCompletion {
  /** How long nobody may have waited. */
  static final Duration IDLE = Duration.ofSeconds(5);

  /** How much is fetched between two looks at whether somebody reads. */
  static final int PIECE_BYTES = 256 << 10;

  private static final Logger log = LoggerFactory.getLogger(BackgroundCompletion.class);

  private final long bytesPerSecond;
  private final Supplier<List<LazyBlob>> blobs;
  private final LongSupplier demand;
  private final BooleanSupplier room;
  private final LongSupplier nanoTime;
  private final AheadStatistics statistics;
  private final int pieceBytes;
  private final ReentrantLock running = new ReentrantLock();

  /* Guarded by the lock. */
  private long lastDemand;
  private long quietSince;
  private long filledAt;
  private double bucket;
  private int turn;

  /** A piece of a blob, at least part of which is absent. */
  private record Piece(LazyBlob blob, long offset, long length) {}

  /**
   * @param blobs gives the blobs that may be completed
   * @param demand counts the reads that met absent bytes
   * @param room tells whether the cache takes more without giving something up
   * @param nanoTime as {@link System#nanoTime}
   */
  public BackgroundCompletion(
      long bytesPerSecond,
      Supplier<List<LazyBlob>> blobs,
      LongSupplier demand,
      BooleanSupplier room,
      LongSupplier nanoTime,
      AheadStatistics statistics) {
    this.bytesPerSecond = bytesPerSecond;
    this.blobs = blobs;
    this.demand = demand;
    this.room = room;
    this.nanoTime = nanoTime;
    this.statistics = statistics;
    long whole = bytesPerSecond & -(long) CachedBlob.BLOCK_BYTES;
    this.pieceBytes = (int) Math.clamp(whole, CachedBlob.BLOCK_BYTES, PIECE_BYTES);
    this.lastDemand = demand.getAsLong();
    this.quietSince = nanoTime.getAsLong();
    this.filledAt = quietSince;
  }

  /**
   * Fetches what the bucket has bytes for, if nobody reads; to be called several times a second.
   * Waits for the network; a call while another is under way does nothing.
   */
  public void step() {
    if (running.tryLock()) {
      try {
        fillBucket();
        while (isQuiet() && room.getAsBoolean() && bucket >= pieceBytes && fetchNext()) {
          fillBucket();
        }
      } finally {
        running.unlock();
      }
    }
  }

  private void fillBucket() {
    long now = nanoTime.getAsLong();
    double most = Math.max(bytesPerSecond, pieceBytes);
    double added = (double) bytesPerSecond * (now - filledAt) / Duration.ofSeconds(1).toNanos();
    bucket = Math.min(most, bucket + added);
    filledAt = now;
  }

  private boolean isQuiet() {
    long now = nanoTime.getAsLong();
    long count = demand.getAsLong();
    if (count != lastDemand) {
      lastDemand = count;
      quietSince = now;
    }
    return now - quietSince >= IDLE.toNanos();
  }

  /** Returns whether there may be more to fetch now. */
  private boolean fetchNext() {
    List<LazyBlob> all = blobs.get();
    for (int i = 0; i < all.size(); i++) {
      LazyBlob blob = all.get(Math.floorMod(turn + i, all.size()));
      long offset = blob.firstAbsent(0, blob.size());
      if (offset < blob.size()) {
        return fetch(new Piece(blob, offset, Math.min(pieceBytes, blob.size() - offset)));
      }
    }
    return false;
  }

  private boolean fetch(Piece piece) {
    long absent = piece.blob.absentBytes(piece.offset, piece.offset + piece.length);
    try {
      piece.blob.fetchAhead(piece.offset, piece.length);
      bucket -= absent;
      statistics.completed(absent);
      return true;
    } catch (BlobClosedException e) {
      log.debug("blob {} went while it was completed", piece.blob.digest());
    } catch (IOException e) {
      statistics.failed();
      // A registry that fails is left alone as long as one that somebody waits for, and then it is
      // another blob's turn.
      turn++;
      quietSince = nanoTime.getAsLong();
      log.debug("blob {} is not completed", piece.blob.digest(), e);
    }
    return false;
  }
}
