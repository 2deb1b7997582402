package io.lazerofs.it.faults;

import io.lazerofs.fetcher.hosts.HostsDirectory;
import io.lazerofs.it.proxy.Door;
import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.proxy.ThrottlingProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The sources of a run: a registry behind a proxy and, in front of it for those who read {@link
 * #hosts}, perhaps a mirror, which is the same registry behind another proxy. Each follows a plan
 * of its own.
 */
final class FaultSources implements AutoCloseable {
  private final Path certs;
  private final List<Source> sources = new ArrayList<>();

  private record Source(ThrottlingProxy proxy, RandomPlan plan) {}

  private FaultSources(Path certs) {
    this.certs = certs;
  }

  /**
   * Starts the proxies.
   *
   * @param registry host and port
   * @param onRequest told of each request to any of them
   * @param certs where the configuration of mirrors goes; does not exist yet
   */
  static FaultSources start(String registry, Scenario scenario, Runnable onRequest, Path certs)
      throws IOException {
    FaultSources started = new FaultSources(certs);
    try {
      for (int i = scenario.mirrored() ? 0 : 1; i < 2; i++) {
        RandomPlan plan = new RandomPlan(scenario, i, onRequest);
        ThrottlingProxy proxy = ThrottlingProxy.start(registry, Line.CLEAR);
        started.sources.add(new Source(proxy, plan));
        proxy.follow(plan);
      }
      started.configure();
      return started;
    } catch (IOException | RuntimeException e) {
      try (started) {
        throw e;
      }
    }
  }

  private void configure() throws IOException {
    Path own = Files.createDirectories(certs.resolve(address()));
    StringBuilder hosts = new StringBuilder("server = \"http://" + address() + "\"\n");
    for (Source mirror : sources.subList(0, sources.size() - 1)) {
      hosts.append("[host.\"http://").append(mirror.proxy().address()).append("\"]\n");
    }
    Files.writeString(own.resolve("hosts.toml"), hosts);
  }

  /** Returns host and port of the registry. */
  String address() {
    return sources.getLast().proxy().address();
  }

  /** Returns what says which mirrors the registry has. */
  HostsDirectory hosts() {
    return new HostsDirectory(certs);
  }

  /** Begins an outage. */
  void fail(Outage outage) throws IOException {
    for (Source source : outage.ofAll() ? sources : sources.subList(0, 1)) {
      source.plan().all(outage.how().fault());
      switch (outage.how()) {
        case SHUT_DOOR -> source.proxy().door(Door.SHUT);
        case SLAMMED_DOOR -> source.proxy().door(Door.SLAMMED);
        default -> {}
      }
    }
  }

  /** Ends an outage; single requests still meet faults. */
  void recover() throws IOException {
    for (Source source : sources) {
      source.plan().all(Optional.empty());
      source.proxy().door(Door.OPEN);
    }
  }

  /** Ends every fault. */
  void heal() throws IOException {
    for (Source source : sources) {
      source.proxy().heal();
    }
  }

  /** Returns how many faults of each kind there were, outages aside. */
  Map<FaultKind, Integer> counts() {
    Map<FaultKind, Integer> sum = new EnumMap<>(FaultKind.class);
    sources.forEach(source ->
        source.plan().counts().forEach((kind, count) -> sum.merge(kind, count, Integer::sum)));
    return sum;
  }

  @Override
  public void close() throws IOException {
    for (Source source : sources) {
      source.proxy().close();
    }
  }
}
