package io.lazerofs.fetcher.lazy;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.lazerofs.fetcher.cache.CachedBlob;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;

/**
 * The units that are being fetched into the blobs of a cache, each by one fetch at a time.
 *
 * <p>A unit's blocks are marked present before its flight leaves the map, and a flight enters the
 * map only if the unit, seen from within the map, is not present. So who finds a unit absent either
 * joins its flight or, when it just ended, finds the unit present: no unit is fetched twice.
 */
final class Flights {

  /**
   * A part of a blob that is fetched as a whole.
   *
   * @param range its bytes: an aligned unit of the policy, cut at the blob's end
   */
  record Unit(CachedBlob blob, ByteRange range) {

    boolean isPresent() {
      return blob.isPresent(range.start(), range.length());
    }
  }

  /**
   * Someone's place on the fetch of a unit.
   *
   * @param done completes when the unit is present, or with a {@link Failure}
   * @param claimed whether it is for the holder to fetch the unit, and to end the flight
   */
  record Flight(Unit unit, CompletableFuture<Unit> done, boolean claimed) {}

  /** Why a flight failed. It is shared by all who wait and so no exception to throw on. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient RangeReader source;
    private final IOException reason;

    Failure(RangeReader source, IOException reason) {
      super(reason);
      this.source = source;
      this.reason = reason;
    }

    /** Returns what was to give the bytes; who has another source may try that. */
    RangeReader source() {
      return source;
    }

    IOException reason() {
      return reason;
    }
  }

  private final ConcurrentMap<Unit, CompletableFuture<Unit>> flights =
      Caffeine.newBuilder().executor(Runnable::run).<Unit, Unit>buildAsync().asMap();

  /** Joins the flight of a unit or claims a new one; empty when the unit is present. */
  Optional<Flight> join(Unit unit) {
    CompletableFuture<Unit> mine = new CompletableFuture<>();
    return Optional.ofNullable(
            flights.computeIfAbsent(unit, absent -> absent.isPresent() ? null : mine))
        .map(done -> new Flight(unit, done, done == mine));
  }

  /** Ends a claimed flight whose unit is present. */
  void land(Flight flight) {
    flights.remove(flight.unit, flight.done);
    flight.done.complete(flight.unit);
  }

  /** Ends a claimed flight whose unit could not be had; the next who wants it claims it anew. */
  void fail(Flight flight, Failure failure) {
    flights.remove(flight.unit, flight.done);
    flight.done.completeExceptionally(failure);
  }
}
