package io.lazerofs.it.fuzz;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The seeds that are left in a run, and what came of the others. Safe for use by many threads. */
final class Run {
  /** After so many findings it stops. */
  private static final int ENOUGH = 20;

  private final long end;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<Walk.Outcome, Long> outcomes = new EnumMap<>(Walk.Outcome.class);
  private long next;
  private long walked;
  private long mostMemory;
  private boolean stopped;

  Run(long seed, long count) {
    this.next = seed;
    this.end = seed + count;
  }

  /** Returns the seed of the next mutant, if there is to be one. */
  synchronized OptionalLong next() {
    return stopped || next == end ? OptionalLong.empty() : OptionalLong.of(next++);
  }

  /** Notes a good end. */
  synchronized void note(Walk.Outcome outcome, long memory) {
    walked++;
    outcomes.merge(outcome, 1L, Long::sum);
    mostMemory = Math.max(mostMemory, memory);
  }

  /** Notes a bad end. */
  synchronized void note(Finding finding) {
    walked++;
    findings.add(finding);
    stopped |= findings.size() >= ENOUGH;
  }

  /** Ends the run: what is not under way does not begin. */
  synchronized void stop() {
    stopped = true;
  }

  synchronized Fuzzer.Result result() {
    Map<String, Long> counts = new HashMap<>();
    outcomes.forEach((outcome, number) -> counts.put(outcome.name(), number));
    return new Fuzzer.Result(walked, counts, mostMemory, List.copyOf(findings));
  }
}
