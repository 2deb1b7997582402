package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.hosts.Capability;
import io.lazerofs.fetcher.hosts.HostEntry;
import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpTransport;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One host that has images of a registry: its address, the logins there and how it has answered.
 * Safe for use by many threads at once.
 */
final class RegistryConnection {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryConnection.class);

  private final String host;
  private final HostEntry entry;
  private final Optional<String> namespace;
  private final HostHealth health;
  private final AtomicBoolean ignoresRanges = new AtomicBoolean();
  private final HttpTransport transport;
  private final Authenticator authenticator;

  /**
   * @param host the name for logins, with its port if it has one
   * @param namespace the registry that a mirror is asked on behalf of, as {@code ns}
   * @param transport with the host's TLS
   */
  RegistryConnection(
      String host,
      HostEntry entry,
      Optional<String> namespace,
      HostHealth health,
      HttpTransport transport,
      Credentials credentials,
      InstantSource clock) {
    this.host = host;
    this.entry = entry;
    this.namespace = namespace;
    this.health = health;
    this.transport = transport;
    this.authenticator = new Authenticator(host, transport, credentials, clock);
  }

  String host() {
    return host;
  }

  HttpUrl base() {
    return entry.base();
  }

  Set<Capability> capabilities() {
    return entry.capabilities();
  }

  HostHealth health() {
    return health;
  }

  /** Returns an address below the host's root; {@code path} is relative and needs no encoding. */
  HttpUrl url(String path) {
    HttpUrl.Builder url = base().newBuilder().addPathSegments(path);
    namespace.ifPresent(registry -> url.addQueryParameter("ns", registry));
    return url.build();
  }

  /** Notes that the host sent the whole when it was asked for a range. */
  void ignoredRange() {
    if (!ignoresRanges.getAndSet(true)) {
      LOG.warn("{} does not serve ranges: blobs are read up to the end of each range there", host);
    }
  }

  /** Returns whether the host has ever sent the whole when it was asked for a range. */
  boolean ignoresRanges() {
    return ignoresRanges.get();
  }

  HttpTransport transport() {
    return transport;
  }

  /**
   * Sends a request once, and again with each login there is as long as it is refused. Requests to
   * other origins, where a registry may take uploads, go without.
   *
   * @return the answer, whatever its status, to be closed
   */
  Answer send(Request request, Scope scope) throws IOException {
    if (!HttpTransport.sameOrigin(request.url(), base())) {
      return transport.send(request);
    }
    return authenticator.send(withHeaders(request), scope);
  }

  /** Adds what is configured for this host, which no other is to see. */
  private Request withHeaders(Request request) {
    Request.Builder builder = request.newBuilder();
    entry
        .headers()
        .forEach((name, values) -> {
          builder.removeHeader(name);
          values.forEach(value -> builder.addHeader(name, value));
        });
    return builder.build();
  }
}
