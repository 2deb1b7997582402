package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.fetcher.lazy.Flights.Failure;
import io.lazerofs.fetcher.lazy.Flights.Flight;
import io.lazerofs.fetcher.lazy.Flights.Unit;
import io.lazerofs.fetcher.lazy.Lanes.Turn;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Turns absent ranges of one blob into requests, and waits for them.
 *
 * <p>Of the units that a range touches, those under way already are joined; the others are claimed,
 * and neighbours among them share a request. When it begins is up to the {@link Lanes}. No unit and
 * no request has both data and hash tree.
 */
final class Fetcher {
  /**
   * How long a request is that may be in a reader's way: at 200 Mbit/s it ends within 40 ms, and
   * spends a third of its time on a round trip of 20 ms, which other requests use.
   */
  private static final long SHORT_REQUEST_BYTES = 1 << 20;

  /**
   * What a miss of the hash tree fetches: its blocks verify 4 MiB of data, a request of the default
   * policy, and are wanted near each other less often than data is.
   */
  private static final int TREE_UNIT_BYTES = 32 << 10;

  private final CachedBlob blob;
  private final RangeReader source;
  private final FetchPolicy policy;
  private final Flights flights;
  private final Lanes lanes;
  private final Executor executor;
  private final FetchStatistics statistics;
  private final Set<Fetch> running = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  Fetcher(
      CachedBlob blob,
      RangeReader source,
      FetchPolicy policy,
      Flights flights,
      Lanes lanes,
      Executor executor,
      FetchStatistics statistics) {
    this.blob = blob;
    this.source = source;
    this.policy = policy;
    this.flights = flights;
    this.lanes = lanes;
    this.executor = executor;
    this.statistics = statistics;
  }

  /**
   * Starts what is not under way of the units that {@code range} touches; returns without waiting.
   * What is under way, but waits for its turn, begins when {@code lane} is that of readers.
   */
  List<Flight> start(ByteRange range, Lane lane) {
    List<Flight> joined = new ArrayList<>();
    List<Flight> run = new ArrayList<>();
    ByteRange part = lane.takesWholeUnits() ? range : blocks(range);
    long requestBytes = requestBytes(lane);
    long unitBytes = policy.unitBytes();
    for (long at = range.start(); at < range.end(); ) {
      Unit unit = new Unit(blob, unitAt(at));
      if (unit.range().start() == blob.treeOffset() && !run.isEmpty()) {
        launch(run, part, lane);
        run = new ArrayList<>();
      }
      at = unit.range().end();
      Flight flight = isPresent(unit, part, lane) ? null : flights.join(unit).orElse(null);
      if (flight != null) {
        joined.add(flight);
      }
      if (flight != null && flight.claimed()) {
        run.add(flight);
      }
      boolean runEnds = flight == null || !flight.claimed();
      if (!run.isEmpty() && (runEnds || run.size() * unitBytes == requestBytes)) {
        launch(run, part, lane);
        run = new ArrayList<>();
      }
    }
    if (!run.isEmpty()) {
      launch(run, part, lane);
    }
    if (lane == Lane.DEMAND && !joined.stream().allMatch(Flight::claimed)) {
      lanes.hurry(blob, range);
    }
    return joined;
  }

  /** Returns the unit that has an offset; units begin anew where the blob's hash tree does. */
  private ByteRange unitAt(long offset) {
    long tree = blob.treeOffset();
    if (offset < tree) {
      long unitBytes = policy.unitBytes();
      long start = offset & -unitBytes;
      return new ByteRange(start, Math.min(tree, start + unitBytes));
    }
    long unitBytes = Math.min(policy.unitBytes(), TREE_UNIT_BYTES);
    long start = offset - ((offset - tree) & (unitBytes - 1));
    return new ByteRange(start, Math.min(blob.size(), start + unitBytes));
  }

  private long requestBytes(Lane lane) {
    boolean isShort = lane == Lane.BACKGROUND || lanes.isBusy(lane, blob);
    long bytes =
        isShort ? Math.min(SHORT_REQUEST_BYTES, policy.requestBytes()) : policy.requestBytes();
    return Math.max(bytes, policy.unitBytes());
  }

  /** Returns whether all is present that a lane wants of a unit. */
  private boolean isPresent(Unit unit, ByteRange part, Lane lane) {
    if (lane.takesWholeUnits()) {
      return unit.isPresent();
    }
    ByteRange wanted = unit.range().intersection(part);
    return blob.isPresent(wanted.start(), wanted.length());
  }

  /** Returns the blocks that a range touches. */
  private ByteRange blocks(ByteRange range) {
    long mask = -(long) CachedBlob.BLOCK_BYTES;
    long end = Math.min(blob.size(), (range.end() + CachedBlob.BLOCK_BYTES - 1) & mask);
    return new ByteRange(range.start() & mask, end);
  }

  private void launch(List<Flight> run, ByteRange part, Lane lane) {
    ByteRange units =
        new ByteRange(run.getFirst().unit().range().start(), run.getLast().unit().range().end());
    ByteRange range = lane.takesWholeUnits() ? units : units.intersection(part);
    Turn turn = lanes.enter(lane, blob, range);
    Fetch fetch = new Fetch(blob, source, flights, this, statistics, policy.unitBytes(), turn, run);
    running.add(fetch);
    // Looked at after the fetch is where close() finds it: one of the two cancels it.
    if (closed) {
      fetch.cancel();
    }
    try {
      executor.execute(() -> {
        try {
          fetch.run();
        } finally {
          running.remove(fetch);
        }
      });
    } catch (RejectedExecutionException e) {
      running.remove(fetch);
      fetch.refuse(new IOException("no more fetches are taken", e));
    }
  }

  /**
   * Returns when {@code wanted} is present, with at most the policy's window under way for it at
   * once.
   *
   * @param lane who it is for
   * @param ahead fetched along without waiting for it; may be empty
   * @throws IOException when a part could not be had from this blob's own source
   */
  void bring(ByteRange wanted, Lane lane, ByteRange ahead) throws IOException {
    long windowBytes = policy.windowBytes();
    ByteRange along = ahead;
    for (long at = wanted.start(); at < wanted.end(); ) {
      long end = Math.min(wanted.end(), at - at % policy.unitBytes() + windowBytes);
      while (!blob.isPresent(at, end - at)) {
        checkOpen();
        blob.checkUsable();
        List<Flight> joined = start(new ByteRange(at, end), lane);
        // After the reader's own bytes, so that the registry is asked for those first.
        var _ = start(along, Lane.READ_AHEAD);
        along = ByteRange.EMPTY;
        await(joined);
      }
      at = end;
    }
    // What was wanted may have become present before anything was started for it.
    var _ = start(along, Lane.READ_AHEAD);
  }

  private void await(List<Flight> joined) throws IOException {
    for (Flight flight : joined) {
      try {
        Optional<Failure> failure = flight.outcome().get();
        if (failure.isPresent()) {
          refuse(flight, failure.get());
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("flights end normally", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for blob " + blob.digest());
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // a source has no value, only an identity
  private void refuse(Flight flight, Failure failure) throws IOException {
    checkOpen();
    blob.checkUsable();
    if (failure.source() != source || failure.reason() instanceof BlobClosedException) {
      // It was another user's fetch that failed; the caller starts again, and one of its own.
      return;
    }
    ByteRange range = flight.unit().range();
    throw new FetchFailedException(blob.digest(), range.start(), range.length(), failure.reason());
  }

  void checkOpen() throws BlobClosedException {
    if (closed) {
      throw new BlobClosedException(blob.digest());
    }
  }

  /** Ends all fetches and returns when none runs; whoever waits for them gets an exception. */
  void close() throws IOException {
    closed = true;
    for (Fetch fetch : running) {
      fetch.cancel();
    }
    try {
      for (Fetch fetch : running) {
        fetch.awaitEnd();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while closing blob " + blob.digest());
    }
  }
}
