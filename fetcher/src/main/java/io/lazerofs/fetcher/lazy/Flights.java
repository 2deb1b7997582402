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
 * <p>Blocks that come are marked present before their unit's flight leaves the map, and a flight
 * enters the map only if the unit, seen from within the map, is not present. So who finds a unit
 * absent either joins its flight or, when it just ended, finds what it brought: none is fetched by
 * two at once. A flight may be for a part of its unit only; who wants more claims the next one.
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
   * @param outcome completes, always normally: empty when what was to come of the unit is present
   * @param claimed whether it is for the holder to fetch the unit, and to end the flight
   */
  record Flight(Unit unit, CompletableFuture<Optional<Failure>> outcome, boolean claimed) {}

  /**
   * Why a unit did not become present.
   *
   * @param source what was to give the bytes; who has another source may try that
   */
  record Failure(RangeReader source, IOException reason) {}

  private final ConcurrentMap<Unit, CompletableFuture<Optional<Failure>>> flights =
      Caffeine.newBuilder().executor(Runnable::run).<Unit, Optional<Failure>>buildAsync().asMap();

  /** Joins the flight of a unit or claims a new one; empty when the unit is present. */
  @SuppressWarnings("ReferenceEquality") // whether it is this very future that went in
  Optional<Flight> join(Unit unit) {
    CompletableFuture<Optional<Failure>> mine = new CompletableFuture<>();
    return Optional.ofNullable(
            flights.computeIfAbsent(unit, absent -> absent.isPresent() ? null : mine))
        .map(outcome -> new Flight(unit, outcome, outcome == mine));
  }

  /** Ends a claimed flight whose unit is present, or the part of it that was to come. */
  void land(Flight flight) {
    end(flight, Optional.empty());
  }

  /** Ends a claimed flight whose unit could not be had; the next who wants it claims it anew. */
  void fail(Flight flight, Failure failure) {
    end(flight, Optional.of(failure));
  }

  private void end(Flight flight, Optional<Failure> outcome) {
    // Out of the map first: who is woken and tries again must not meet a flight that is over.
    flights.remove(flight.unit, flight.outcome);
    flight.outcome.complete(outcome);
  }
}
