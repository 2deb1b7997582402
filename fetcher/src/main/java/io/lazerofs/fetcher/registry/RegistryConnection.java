package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
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
   * Sends a request once, and again with a login when it is refused for want of one. Requests to
   * other origins, where a registry may take uploads, go without.
   *
   * @return the answer, whatever its status, to be closed
   */
  Answer send(Request request, Scope scope) throws IOException {
    if (!HttpTransport.sameOrigin(request.url(), base)) {
      return transport.send(request);
    }
    Optional<String> authorization = authenticator.authorization(scope);
    Answer answer = transport.send(with(request, authorization));
    if (answer.status() != 401 || answer.redirected()) {
      return answer;
    }
    String renewed;
    try (answer) {
      renewed = authenticator.renew(answer.challenges(), scope, authorization);
    }
    return transport.send(with(request, Optional.of(renewed)));
  }

  private static Request with(Request request, Optional<String> authorization) {
    Request.Builder builder = request.newBuilder();
    authorization.ifPresent(value -> builder.header("Authorization", value));
    return builder.build();
  }
}
