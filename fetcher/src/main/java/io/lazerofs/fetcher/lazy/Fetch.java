package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.BlockWriter;
import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.fetcher.cache.WrongBytesException;
import io.lazerofs.fetcher.lazy.Flights.Flight;
import io.lazerofs.fetcher.lazy.Lanes.Turn;
import io.lazerofs.fetcher.logging.LogScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request: neighbouring units of a blob, from a source into the cache. Each unit's flight lands
 * as soon as the unit is present, while later ones are still on their way.
 *
 * <p>Of a blob with a hash tree, the blocks of the tree that the units are verified by are fetched
 * beside them, and waited for before anything is taken. A fetch of data waits for fetches of the
 * tree, and one of the tree for those at lower offsets of it, so none waits in a circle.
 */
final class Fetch implements Runnable {
  private static final Logger logger = LoggerFactory.getLogger(Fetch.class);

  private final CachedBlob blob;
  private final RangeReader source;
  private final Flights flights;
  private final Fetcher fetcher;
  private final FetchStatistics statistics;
  private final int stepBytes;
  private final Turn turn;
  private final Deque<Flight> waiting;
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Thread runner;
  private boolean cancelled;

  /**
   * @param fetcher brings blocks of the blob's hash tree
   * @param stepBytes how much becomes present at a time
   * @param turn when to begin, and what to bring
   * @param run claimed flights of the neighbouring units that {@code turn} has bytes of, in order;
   *     one whose unit is to come in part lands when that part is present
   */
  Fetch(
      CachedBlob blob,
      RangeReader source,
      Flights flights,
      Fetcher fetcher,
      FetchStatistics statistics,
      int stepBytes,
      Turn turn,
      List<Flight> run) {
    this.blob = blob;
    this.source = source;
    this.flights = flights;
    this.fetcher = fetcher;
    this.statistics = statistics;
    this.stepBytes = stepBytes;
    this.turn = turn;
    this.waiting = new ArrayDeque<>(run);
  }

  /** Fetches; ends every flight in some way, and always returns. */
  @Override
  public void run() {
    try (LogScope scope = LogScope.layer(blob.digest())) {
      runInScope();
    }
  }

  private void runInScope() {
    try {
      if (!begin()) {
        fail(new BlobClosedException(blob.digest()));
        return;
      }
      turn.await();
      transfer();
      landUntil(turn.range().end());
    } catch (InterruptedException e) {
      fail(new BlobClosedException(blob.digest()));
    } catch (IOException e) {
      reportFailure(e);
      fail(isCancelled() ? new BlobClosedException(blob.digest()) : e);
    } catch (RuntimeException | Error e) {
      logger.error("blob {}: a fetch has a bug", blob.digest(), e);
      reportFailure(e);
      fail(new IOException("unexpected: " + e, e));
    } finally {
      end();
    }
  }

  private void transfer() throws IOException {
    blob.checkUsable();
    ByteRange range = turn.range();
    startTree(range);
    long end = blob.verifiableEnd(range.end());
    long start = blob.verifiableStart(range.start());
    statistics.verificationFailures(blob.verifyClaims(start, end - start, this::bringTree));
    long from = blob.firstAbsent(start, end);
    while (from < end) {
      // Blocks that came before are not fetched again where they are outside; inside they are when
      // a reader waits, to whom another request costs more.
      boolean whole = turn.lane().takesWholeUnits();
      long to = whole ? blob.lastAbsentEnd(from, end) : blob.firstPresent(from, end);
      transfer(from, to);
      from = blob.firstAbsent(to, end);
    }
  }

  private void transfer(long from, long to) throws IOException {
    statistics.request();
    try (BlockWriter writer = blob.writer(from, to - from, stepBytes, this::bringTree)) {
      source.read(from, to - from, piece -> take(piece, writer));
      writer.finish();
    }
  }

  private void take(ByteBuffer piece, BlockWriter writer) throws IOException {
    statistics.fetched(piece.remaining());
    try {
      writer.write(piece);
    } catch (WrongBytesException e) {
      statistics.verificationFailures(1);
      logger.warn("{}", e.getMessage());
      throw e;
    } finally {
      landUntil(writer.presentEnd());
    }
  }

  /** Has the way from the root hash to the data of a range on its way while that is. */
  private void startTree(ByteRange range) {
    for (ByteRange hashes : blob.tree().map(tree -> TreePath.of(tree, range)).orElse(List.of())) {
      if (!blob.isPresent(hashes.start(), hashes.length())) {
        var _ = fetcher.start(hashes, Lane.DEMAND);
      }
    }
  }

  private boolean bringTree(long offset, long length) throws IOException {
    if (turn.range().overlaps(offset, offset + length)) {
      // Nobody else brings it. On disk it was wrong, or the disk lost it: what is below is fetched.
      return false;
    }
    fetcher.bring(new ByteRange(offset, offset + length), Lane.DEMAND, ByteRange.EMPTY);
    return true;
  }

  private void landUntil(long presentEnd) {
    while (!waiting.isEmpty() && endOf(waiting.getFirst()) <= presentEnd) {
      flights.land(waiting.removeFirst());
    }
  }

  /** Returns the end of what is to be brought of a flight's unit. */
  private long endOf(Flight flight) {
    return Math.min(flight.unit().range().end(), turn.range().end());
  }

  private void reportFailure(Throwable reason) {
    statistics.failedRequest();
    if (!isCancelled()) {
      ByteRange range = turn.range();
      logger.warn(
          "blob {}: bytes {} to {} not fetched: {}",
          blob.digest(),
          range.start(),
          range.end(),
          reason.toString());
    }
  }

  /** Ends the flights that are left; what came before the failure is kept. */
  private void fail(IOException reason) {
    Flights.Failure failure = new Flights.Failure(source, reason);
    while (!waiting.isEmpty()) {
      Flight flight = waiting.removeFirst();
      if (flight.unit().isPresent()) {
        flights.land(flight);
      } else {
        flights.fail(flight, failure);
      }
    }
  }

  private synchronized boolean begin() {
    runner = Thread.currentThread();
    return !cancelled;
  }

  private synchronized void end() {
    turn.end();
    runner = null;
    if (cancelled) {
      // The interrupt was for this fetch and not for what the thread does next.
      var _ = Thread.interrupted();
    }
    ended.countDown();
  }

  private synchronized boolean isCancelled() {
    return cancelled;
  }

  /** Makes the fetch end soon, begun or not. */
  synchronized void cancel() {
    cancelled = true;
    if (runner != null) {
      runner.interrupt();
    }
  }

  /** Ends a fetch that nobody runs. */
  void refuse(IOException reason) {
    fail(reason);
    end();
  }

  /** Waits until {@link #run} is over. */
  void awaitEnd() throws InterruptedException {
    ended.await();
  }
}
