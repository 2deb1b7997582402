package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpTransport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Challenge;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * The logins at one registry: what to put into {@code Authorization}, by scope. Safe for use by
 * many threads at once; those that need the same token wait for one request for it.
 *
 * <p>A refusal is never remembered: each request that is refused may log in anew, once. Tokens are
 * renewed when nine tenths of their time are over (Docker's token authentication specification; RFC
 * 7617 for Basic).
 */
final class Authenticator {
  private static final int MAX_TOKEN_BYTES = 1 << 20;
  private static final long DEFAULT_SECONDS = 60;
  private static final long MAX_SECONDS = Duration.ofDays(1).toSeconds();

  private final String host;
  private final HttpTransport transport;
  private final Credentials credentials;
  private final InstantSource clock;
  private final Map<Scope, Slot> slots = new ConcurrentHashMap<>();

  Authenticator(
      String host, HttpTransport transport, Credentials credentials, InstantSource clock) {
    this.host = host;
    this.transport = transport;
    this.credentials = credentials;
    this.clock = clock;
  }

  /** A value of {@code Authorization}, the challenge that it answers, and when to renew it. */
  private record Login(String authorization, Challenge challenge, Instant renewal) {
    @Override
    public String toString() {
      return "Login[" + challenge.scheme() + "]";
    }
  }

  /** The login for one scope; the lock is held while a new one is fetched. */
  private static final class Slot {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Optional<Login> login = Optional.empty();
  }

  /** Returns the login for a scope, fresh, or empty when the registry has not asked for one yet. */
  Optional<String> authorization(Scope scope) throws IOException {
    Optional<Login> login = slot(scope).login;
    if (login.isEmpty() || isFresh(login.get())) {
      return login.map(Login::authorization);
    }
    return Optional.of(
        renew(List.of(login.get().challenge()), scope, login.map(Login::authorization)));
  }

  /**
   * Returns another login after a refusal.
   *
   * @param challenges what the registry asks for
   * @param refused what was sent, if anything
   * @throws RegistryException.Unauthorized when there is no login to be had
   */
  String renew(List<Challenge> challenges, Scope scope, Optional<String> refused)
      throws IOException {
    Slot slot = slot(scope);
    slot.lock.lock();
    try {
      Optional<Login> current = slot.login;
      if (current.isPresent()
          && isFresh(current.get())
          && !refused.equals(current.map(Login::authorization))) {
        return current.get().authorization();
      }
      slot.login = Optional.empty();
      Login login = login(challenges, scope);
      slot.login = Optional.of(login);
      return login.authorization();
    } finally {
      slot.lock.unlock();
    }
  }

  private Slot slot(Scope scope) {
    return slots.computeIfAbsent(scope, _ -> new Slot());
  }

  private boolean isFresh(Login login) {
    return clock.instant().isBefore(login.renewal());
  }

  private Login login(List<Challenge> challenges, Scope scope) throws IOException {
    Optional<Credential> credential = credentials.forHost(host);
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equalsIgnoreCase("Bearer")) {
        return token(challenge, scope, credential);
      }
      if (challenge.scheme().equalsIgnoreCase("Basic") && credential.isPresent()) {
        return new Login(basic(credential.get()), challenge, Instant.MAX);
      }
    }
    throw unauthorized(scope, 401);
  }

  private Login token(Challenge challenge, Scope scope, Optional<Credential> credential)
      throws IOException {
    Instant asked = clock.instant();
    try (Answer answer = transport.send(tokenRequest(challenge, scope, credential))) {
      if (answer.status() == 401 || answer.status() == 403) {
        throw unauthorized(scope, answer.status());
      }
      if (!answer.isSuccessful()) {
        throw answer.failure();
      }
      String what = "token of registry " + host;
      ObjectNode json = Json.parseObject(answer.body(MAX_TOKEN_BYTES), what);
      String token =
          Json.text(json, "token")
              .or(() -> Optional.ofNullable(json.path("access_token").textValue()))
              .filter(text -> text.chars().allMatch(c -> c > ' ' && c < 0x7f))
              .orElseThrow(() -> new RegistryException.Malformed(what, "no usable token"));
      long seconds = json.path("expires_in").asLong(DEFAULT_SECONDS);
      seconds = seconds <= 0 ? DEFAULT_SECONDS : Math.min(seconds, MAX_SECONDS);
      return new Login("Bearer " + token, challenge, asked.plusMillis(seconds * 900));
    }
  }

  private Request tokenRequest(Challenge challenge, Scope scope, Optional<Credential> credential)
      throws IOException {
    String realm = challenge.authParams().getOrDefault("realm", "");
    HttpUrl url = HttpUrl.parse(realm);
    if (url == null) {
      throw new RegistryException.Malformed(
          "login at registry " + host, "its token service has no usable address");
    }
    Optional<String> service = Optional.ofNullable(challenge.authParams().get("service"));
    if (credential.filter(Credential::isIdentityToken).isPresent()) {
      FormBody.Builder form =
          new FormBody.Builder()
              .add("grant_type", "refresh_token")
              .add("client_id", "lazerofs")
              .add("scope", String.join(" ", scope.parts()))
              .add("refresh_token", credential.get().secret());
      service.ifPresent(name -> form.add("service", name));
      return new Request.Builder().url(url).post(form.build()).build();
    }
    HttpUrl.Builder query = url.newBuilder();
    service.ifPresent(name -> query.addQueryParameter("service", name));
    scope.parts().forEach(part -> query.addQueryParameter("scope", part));
    Request.Builder request = new Request.Builder().url(query.build());
    credential.ifPresent(login -> request.header("Authorization", basic(login)));
    return request.build();
  }

  private RegistryException.Unauthorized unauthorized(Scope scope, int status) {
    return new RegistryException.Unauthorized(host, scope.parts().getFirst(), status);
  }

  private static String basic(Credential credential) {
    return okhttp3.Credentials.basic(
        credential.username(), credential.secret(), StandardCharsets.UTF_8);
  }
}
