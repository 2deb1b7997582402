package io.lazerofs.it.faults;

import io.lazerofs.it.proxy.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A time in which sources give nothing.
 *
 * @param ofAll whether it is all of them, or the preferred one alone
 * @param afterRequests how many requests come before it
 * @param length how long it lasts
 */
record Outage(How how, boolean ofAll, int afterRequests, Duration length) {

  /** What becomes of every request. */
  enum How {
    SHUT_DOOR(Optional.empty()),
    SLAMMED_DOOR(Optional.empty()),
    UNAVAILABLE(Optional.of(new Fault.Refuse(503))),
    HANG_UP(Optional.of(new Fault.HangUp())),
    RESET(Optional.of(new Fault.Reset(0))),
    STALL(Optional.of(new Fault.Stall(0, Duration.ofSeconds(20))));

    private final Optional<Fault> fault;

    How(Optional<Fault> fault) {
      this.fault = fault;
    }

    /** Returns what each request meets; nothing is asked for where the door is not open. */
    Optional<Fault> fault() {
      return fault;
    }
  }

  /** When an outage was. */
  record Span(Instant start, Instant end) {}
}
