package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.hosts.Capability;
import io.lazerofs.fetcher.hosts.HostEntry;
import io.lazerofs.fetcher.hosts.HostsDirectory;
import io.lazerofs.fetcher.hosts.TlsContext;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.http.Retry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import okhttp3.HttpUrl;

/**
 * One registry: the hosts that have its images, as the configuration of the moment says. A host
 * keeps its logins for as long as what is said of it stays. Safe for use by many threads at once.
 */
final class RegistryHosts {
  private static final String DOCKER_HOST = "registry-1.docker.io";

  private final String registry;
  private final HttpUrl server;
  private final Optional<HostsDirectory> directory;
  private final HttpTransport transport;
  private final Credentials credentials;
  private final InstantSource clock;
  private final Function<String, HostHealth> healths;
  private final Map<HostEntry, RegistryConnection> connections = new ConcurrentHashMap<>();

  /**
   * @param registry where its images are, {@code registry-1.docker.io} for Docker's
   * @param healths by host
   */
  RegistryHosts(
      String registry,
      Optional<HostsDirectory> directory,
      HttpTransport transport,
      Credentials credentials,
      InstantSource clock,
      Function<String, HostHealth> healths) {
    this.registry = registry;
    this.directory = directory;
    this.transport = transport;
    this.credentials = credentials;
    this.clock = clock;
    this.healths = healths;
    HttpUrl secure = HttpUrl.get("https://" + registry + "/v2/");
    this.server =
        transport.settings().allowsPlainHttp(secure.host(), secure.port())
            ? HttpUrl.get("http://" + registry + "/v2/")
            : secure;
  }

  /** Returns how what failed is tried again. */
  Retry retry() {
    return transport.retry();
  }

  /** Returns the registry as image names give it, {@code docker.io} for Docker's. */
  String name() {
    return registry.equals(DOCKER_HOST) ? "docker.io" : registry;
  }

  /** Returns the hosts that may be asked for something, the preferred ones first. */
  List<RegistryConnection> with(Capability capability) {
    List<HostEntry> entries =
        directory
            .map(hosts -> hosts.hosts(name(), server))
            .orElseGet(() -> List.of(HostEntry.of(server)));
    connections.keySet().retainAll(Set.copyOf(entries));
    List<RegistryConnection> able = new ArrayList<>();
    for (HostEntry entry : entries) {
      if (entry.capabilities().contains(capability)) {
        connection(entry).ifPresent(able::add);
      }
    }
    return able;
  }

  /** Returns the connection to a host, or empty when its certificates cannot be used. */
  private Optional<RegistryConnection> connection(HostEntry entry) {
    RegistryConnection known = connections.get(entry);
    if (known != null) {
      return Optional.of(known);
    }
    HostHealth health = healths.apply(entry.authority());
    try {
      HttpTransport special = transport(entry);
      return Optional.of(connections.computeIfAbsent(entry, _ -> connect(entry, health, special)));
    } catch (IOException e) {
      health.failed(String.valueOf(e.getMessage()), Optional.empty());
      return Optional.empty();
    }
  }

  private RegistryConnection connect(HostEntry entry, HostHealth health, HttpTransport special) {
    boolean own = isOwn(entry.base());
    return new RegistryConnection(
        own ? registry : entry.authority(),
        entry,
        own ? Optional.empty() : Optional.of(name()),
        health,
        special,
        credentials,
        clock);
  }

  /** Returns whether a host is the registry itself, and no mirror that has to be told which one. */
  private boolean isOwn(HttpUrl base) {
    return base.host().equals(server.host()) && base.port() == server.port();
  }

  private HttpTransport transport(HostEntry entry) throws IOException {
    boolean plain = !entry.base().isHttps();
    if (entry.tls().isEmpty() && entry.dialTimeout().isEmpty() && !plain) {
      return transport;
    }
    Optional<TlsContext> tls =
        entry.tls().isEmpty() ? Optional.empty() : Optional.of(TlsContext.of(entry.tls()));
    return transport.derive(
        client -> {
          tls.ifPresent(context -> client.sslSocketFactory(context.sockets(), context.trust()));
          if (entry.tls().skipVerify()) {
            client.hostnameVerifier((_, _) -> true);
          }
          entry.dialTimeout().ifPresent(client::connectTimeout);
        },
        plain ? Set.of(entry.base().host() + ":" + entry.base().port()) : Set.of());
  }
}
