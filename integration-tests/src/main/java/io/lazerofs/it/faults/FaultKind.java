package io.lazerofs.it.faults;

import io.lazerofs.it.proxy.Fault;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** What can go wrong with a request for a range, with sizes that matter to ranges of some KiB. */
public enum FaultKind {
  UNAUTHORIZED(random -> new Fault.Refuse(401)),
  FORBIDDEN(random -> new Fault.Refuse(403)),
  NOT_FOUND(random -> new Fault.Refuse(404)),
  REQUEST_TIMEOUT(random -> new Fault.Refuse(408)),
  TOO_MANY_REQUESTS(random -> new Fault.Refuse(429, OptionalInt.of(1 + random.nextInt(5)))),
  SERVER_ERROR(random -> new Fault.Refuse(500)),
  BAD_GATEWAY(random -> new Fault.Refuse(502)),
  UNAVAILABLE(random -> new Fault.Refuse(503)),
  GATEWAY_TIMEOUT(random -> new Fault.Refuse(504)),
  HANG_UP(random -> new Fault.HangUp()),
  RESET(random -> new Fault.Reset(within(random))),
  CUT(random -> new Fault.Cut(within(random))),
  STALL(random -> new Fault.Stall(within(random), Duration.ofSeconds(20))),
  DRIP(random -> new Fault.Drip(300_000 + random.nextInt(3_000_000))),
  FLIPPED_BYTE(random -> new Fault.Invert(within(random))),
  TOO_SHORT(random -> new Fault.Shorten(1 + within(random))),
  TOO_LONG(random -> new Fault.Lengthen(1 + random.nextInt(10_000))),
  WRONG_RANGE(random -> new Fault.MoveRange(1 + within(random))),
  NO_RANGES(random -> new Fault.IgnoreRange()),
  SIGNED_ADDRESS(random -> new Fault.Redirect(1 + random.nextInt(4)));

  private final Function<RandomGenerator, Fault> draw;

  FaultKind(Function<RandomGenerator, Fault> draw) {
    this.draw = draw;
  }

  Fault draw(RandomGenerator random) {
    return draw.apply(random);
  }

  /**
   * Whether a registry says by it that there is nothing to be had, which a client believes when it
   * is told twice.
   */
  boolean isRefusal() {
    return switch (this) {
      case UNAUTHORIZED, FORBIDDEN, NOT_FOUND -> true;
      default -> false;
    };
  }

  /** A place in a body: often near its beginning, seldom behind the end of a short one. */
  private static int within(RandomGenerator random) {
    return random.nextInt(1 << (6 + random.nextInt(11)));
  }
}
