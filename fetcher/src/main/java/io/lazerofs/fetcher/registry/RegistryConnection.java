package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import java.io.IOException;
import java.time.InstantSource;
import okhttp3.HttpUrl;
import okhttp3.Request;

/** One registry: its address and the logins there. Safe for use by many threads at once. */
final class RegistryConnection {
  private final String host;
  private final HttpUrl base;
  private final HttpTransport transport;
  private final Authenticator authenticator;

  /**
   * @param host as image names give it, with its port if it has one
   */
  RegistryConnection(
      String host, HttpTransport transport, Credentials credentials, InstantSource clock) {
    this.host = host;
    this.base = base(host, transport.settings());
    this.transport = transport;
    this.authenticator = new Authenticator(host, transport, credentials, clock);
  }

  private static HttpUrl base(String host, HttpSettings settings) {
    HttpUrl secure = HttpUrl.get("https://" + host + "/v2/");
    return settings.allowsPlainHttp(secure.host(), secure.port())
        ? HttpUrl.get("http://" + host + "/v2/")
        : secure;
  }

  String host() {
    return host;
  }

  HttpUrl base() {
    return base;
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
    if (!HttpTransport.sameOrigin(request.url(), base)) {
      return transport.send(request);
    }
    return authenticator.send(request, scope);
  }
}
