package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.BlockWriter;
import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.fetcher.cache.WrongBytesException;
import io.lazerofs.fetcher.lazy.Flights.Flight;
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
  private final long start;
  private final long end;
  private final Deque<Flight> waiting;
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Thread runner;
  private boolean cancelled;

  /**
   * @param fetcher brings blocks of the blob's hash tree
   * @param stepBytes how much becomes present at a time
   * @param run claimed flights of neighbouring units, in order
   */
  Fetch(
      CachedBlob blob,
      RangeReader source,
      Flights flights,
      Fetcher fetcher,
      FetchStatistics statistics,
      int stepBytes,
      List<Flight> run) {
    this.blob = blob;
    this.source = source;
    this.flights = flights;
    this.fetcher = fetcher;
    this.statistics = statistics;
    this.stepBytes = stepBytes;
    this.start = run.getFirst().unit().range().start();
    this.end = run.getLast().unit().range().end();
    this.waiting = new ArrayDeque<>(run);
  }

  /** Fetches; ends every flight in some way, and always returns. */
  @Override
  public void run() {
    try {
      if (!begin()) {
        fail(new BlobClosedException(blob.digest()));
        return;
      }
      transfer();
      landUntil(end);
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
    long verifiableStart = blob.verifiableStart(start);
    long verifiableEnd = blob.verifiableEnd(end);
    statistics.verificationFailures(
        blob.verifyClaims(verifiableStart, verifiableEnd - verifiableStart, this::bringTree));
    // Blocks that an earlier, broken request brought are not fetched again where they are outside.
    long from = blob.firstAbsent(verifiableStart, verifiableEnd);
    long to = blob.lastAbsentEnd(from, verifiableEnd);
    if (from == to) {
      return;
    }
    startTree(new ByteRange(from, to));
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
        var _ = fetcher.start(hashes);
      }
    }
  }

  private void bringTree(long offset, long length) throws IOException {
    if (offset < end && offset + length > start) {
      // Nobody else brings what is this fetch's own to bring: the disk lost it meanwhile.
      throw new IOException("blob " + blob.digest() + ": no hashes at " + offset + " any more");
    }
    fetcher.bring(new ByteRange(offset, offset + length), ByteRange.EMPTY);
  }

  private void landUntil(long presentEnd) {
    while (!waiting.isEmpty() && waiting.getFirst().unit().range().end() <= presentEnd) {
      flights.land(waiting.removeFirst());
    }
  }

  private void reportFailure(Throwable reason) {
    statistics.failedRequest();
    if (!isCancelled()) {
      logger.warn("blob {}: bytes {} to {} not fetched: {}", blob.digest(), start, end, reason);
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
