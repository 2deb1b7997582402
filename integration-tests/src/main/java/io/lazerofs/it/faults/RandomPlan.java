package io.lazerofs.it.faults;

import io.lazerofs.it.proxy.Fault;
import io.lazerofs.it.proxy.FaultPlan;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A share of all requests meets a fault, drawn from a seed and the request's number; in an outage
 * all do.
 *
 * <p>Outages aside, a range meets few faults in a row, so that no client has to give up before its
 * deadline; and it is {@linkplain FaultKind#isRefusal refused} only once, since a registry that
 * says twice that it has no such blob is believed, and rightly so.
 */
final class RandomPlan implements FaultPlan {
  private static final int MOST_IN_A_ROW = 4;

  private final Scenario scenario;
  private final int source;
  private final Runnable onRequest;
  private final Set<String> refused = new HashSet<>();
  private final Map<String, Integer> inARow = new HashMap<>();
  private final Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);
  private volatile Optional<Fault> all = Optional.empty();

  /**
   * @param source tells plans of one scenario apart
   * @param onRequest told of each request
   */
  RandomPlan(Scenario scenario, int source, Runnable onRequest) {
    this.source = source;
    this.scenario = scenario;
    this.onRequest = onRequest;
  }

  /** Begins an outage, or ends it when {@code fault} is empty. */
  void all(Optional<Fault> fault) {
    all = fault;
  }

  @Override
  public Optional<Fault> faultFor(long number, String target, String range) {
    onRequest.run();
    if (all.isPresent()) {
      return all;
    }
    Random random = FaultRun.random(scenario.seed(), 2 * number + 2 + source);
    FaultKind kind = scenario.kinds().get(random.nextInt(scenario.kinds().size()));
    boolean drawn = random.nextInt(100) < scenario.percent();
    return meets(drawn, kind, blob(target) + " " + range)
        ? Optional.of(kind.draw(random))
        : Optional.empty();
  }

  private static String blob(String target) {
    return target.replaceFirst(".*/", "").replaceFirst("\\?.*", "");
  }

  private synchronized boolean meets(boolean drawn, FaultKind kind, String range) {
    if (!drawn || inARow.merge(range, 1, Integer::sum) > MOST_IN_A_ROW) {
      inARow.remove(range);
      return false;
    }
    if (kind.isRefusal() && !refused.add(range)) {
      return false;
    }
    counts.merge(kind, 1, Integer::sum);
    return true;
  }

  /** Returns how many faults of each kind there were, outages aside. */
  synchronized Map<FaultKind, Integer> counts() {
    return new EnumMap<>(counts);
  }
}
