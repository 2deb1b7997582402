package io.lazerofs.it.fuzz;

import java.time.Duration;

/**
 * How long the walk through one image may take.
 *
 * @param processor time that its thread computes: a loop uses it up, whatever else runs beside
 * @param wall time that passes: a deadlock or another wait that never ends uses up no other
 */
record TimeLimit(Duration processor, Duration wall) {
  static final TimeLimit DEFAULT = new TimeLimit(Duration.ofSeconds(5), Duration.ofSeconds(60));
}
