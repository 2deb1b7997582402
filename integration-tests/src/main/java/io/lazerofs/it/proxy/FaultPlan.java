package io.lazerofs.it.proxy;

import java.util.Optional;

/** Decides what goes wrong with each request. Safe for use by many threads at once. */
@FunctionalInterface
public interface FaultPlan {
  /** Nothing goes wrong. */
  FaultPlan NONE = (number, target, range) -> Optional.empty();

  /**
   * Returns what goes wrong with a request, if anything does.
   *
   * @param number how many requests the proxy took before it
   * @param target the request's path with its query
   * @param range its Range header, empty when there is none
   */
  Optional<Fault> faultFor(long number, String target, String range);
}
