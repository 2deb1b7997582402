package io.lazerofs.fetcher.hosts;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;

/**
 * One host that has a registry's images, and how to talk to it. A {@code http} address is the
 * administrator's permission to do without TLS.
 *
 * @param base the root of its API with a slash at the end, mostly {@code https://HOST/v2/}
 * @param capabilities what it may be asked for
 * @param tls the files for connections to it
 * @param headers sent along with each request to it; they may be secrets, and are not part of
 *     {@link #toString}
 * @param dialTimeout the longest wait for a connection, where it is not the usual one
 */
public record HostEntry(
    HttpUrl base,
    Set<Capability> capabilities,
    TlsFiles tls,
    Map<String, List<String>> headers,
    Optional<Duration> dialTimeout) {

  public HostEntry {
    capabilities = Set.copyOf(capabilities);
    headers = Map.copyOf(headers);
  }

  /** Returns the entry of a registry about which nothing is configured. */
  public static HostEntry of(HttpUrl base) {
    return new HostEntry(
        base, Set.of(Capability.values()), TlsFiles.NONE, Map.of(), Optional.empty());
  }

  /** Returns the name and, where it is not the scheme's own, the port. */
  public String authority() {
    String host = base.host().contains(":") ? "[" + base.host() + "]" : base.host();
    boolean usual = base.port() == HttpUrl.defaultPort(base.scheme());
    return usual ? host : host + ":" + base.port();
  }

  @Override
  public String toString() {
    return base + " " + capabilities;
  }
}
