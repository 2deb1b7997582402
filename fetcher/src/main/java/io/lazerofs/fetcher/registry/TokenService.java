package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpException;
import io.lazerofs.fetcher.http.HttpTransport;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import okhttp3.Challenge;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * The bearer tokens of one registry, from the token service that its challenges name (Docker's
 * token authentication specification; its "OAuth2" page for identity tokens). Remembers nothing.
 */
final class TokenService {
  private static final int MAX_TOKEN_BYTES = 1 << 20;
  private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);
  private static final Duration MAX_LIFE = Duration.ofDays(1);

  private final String host;
  private final HttpTransport transport;
  private final InstantSource clock;

  TokenService(String host, HttpTransport transport, InstantSource clock) {
    this.host = host;
    this.transport = transport;
    this.clock = clock;
  }

  /**
   * Asks for a token once.
   *
   * @param credential what to show; empty for an anonymous token
   * @throws RegistryException.Unauthorized when the service refuses the credential
   * @throws RegistryException when its answer is of no use
   * @throws HttpException when it cannot be reached or fails, which passes
   */
  Login token(Challenge challenge, Scope scope, Optional<Credential> credential)
      throws IOException {
    HttpUrl realm = realm(challenge);
    Instant asked = clock.instant();
    boolean identity = credential.filter(Credential::isIdentityToken).isPresent();
    try (Answer answer =
        transport.send(
            identity
                ? post(realm, challenge, scope, credential.get())
                : get(realm, challenge, scope, credential))) {
      if (answer.status() != 405 || identity || credential.isEmpty()) {
        return login(answer, asked, challenge, scope, credential);
      }
    }
    // A service that speaks OAuth2 alone.
    try (Answer answer = transport.send(post(realm, challenge, scope, credential.get()))) {
      return login(answer, asked, challenge, scope, credential);
    }
  }

  private HttpUrl realm(Challenge challenge) throws RegistryException.Malformed {
    HttpUrl url = HttpUrl.parse(challenge.authParams().getOrDefault("realm", ""));
    if (url == null) {
      throw new RegistryException.Malformed(
          "login at registry " + host, "its token service has no usable address");
    }
    return url;
  }

  private static Request get(
      HttpUrl realm, Challenge challenge, Scope scope, Optional<Credential> credential) {
    HttpUrl.Builder url = realm.newBuilder();
    service(challenge).ifPresent(name -> url.addQueryParameter("service", name));
    scopes(challenge, scope).forEach(part -> url.addQueryParameter("scope", part));
    Request.Builder request = new Request.Builder().url(url.build());
    credential.ifPresent(login -> request.header("Authorization", Login.basic(login)));
    return request.build();
  }

  private static Request post(
      HttpUrl realm, Challenge challenge, Scope scope, Credential credential) {
    FormBody.Builder form =
        new FormBody.Builder()
            .add("client_id", "lazerofs")
            .add("scope", String.join(" ", scopes(challenge, scope)));
    service(challenge).ifPresent(name -> form.add("service", name));
    if (credential.isIdentityToken()) {
      form.add("grant_type", "refresh_token").add("refresh_token", credential.secret());
    } else {
      form.add("grant_type", "password")
          .add("username", credential.username())
          .add("password", credential.secret());
    }
    return new Request.Builder().url(realm).post(form.build()).build();
  }

  private static Optional<String> service(Challenge challenge) {
    return Optional.ofNullable(challenge.authParams().get("service"));
  }

  /**
   * Returns what is needed, and what the registry says is: a mirror may know the repository by
   * another name than the one in the request.
   */
  private static Set<String> scopes(Challenge challenge, Scope scope) {
    Set<String> parts = new LinkedHashSet<>(scope.parts());
    String asked = challenge.authParams().getOrDefault("scope", "").strip();
    if (!asked.isEmpty()) {
      parts.addAll(List.of(asked.split(" +")));
    }
    return parts;
  }

  private Login login(
      Answer answer,
      Instant asked,
      Challenge challenge,
      Scope scope,
      Optional<Credential> credential)
      throws IOException {
    if (isRefusal(answer)) {
      throw new RegistryException.Unauthorized(host, scope.repository(), answer.status());
    }
    if (!answer.isSuccessful()) {
      HttpException.Status failure = answer.failure();
      if (failure.isTransient()) {
        throw failure;
      }
      // Not the exception of HTTP: a 404 of this service is no word on the image.
      throw new RegistryException.Unexpected(
          "login at registry " + host, answer.status(), failure.url().toString(), failure);
    }
    String what = "token of registry " + host;
    ObjectNode json = Json.parseObject(answer.body(MAX_TOKEN_BYTES), what);
    String token =
        text(json, "token")
            .or(() -> text(json, "access_token"))
            .filter(text -> text.chars().allMatch(c -> c > ' ' && c < 0x7f))
            .orElseThrow(() -> new RegistryException.Malformed(what, "no usable token"));
    Duration life = life(json, answer);
    return new Login(
        "Bearer " + token,
        challenge,
        credential,
        asked.plus(life.multipliedBy(9).dividedBy(10)),
        asked.plus(life));
  }

  /** Returns whether the credential is of no use; OAuth2 says that by 400 (RFC 6749, 5.2). */
  private static boolean isRefusal(Answer answer) {
    return switch (answer.status()) {
      case 400, 401, 403 -> true;
      default -> false;
    };
  }

  private static Optional<String> text(ObjectNode json, String field) {
    return Optional.ofNullable(json.path(field).textValue()).filter(text -> !text.isEmpty());
  }

  /**
   * Returns how long the token is good for. A service may hand out one that it issued before: how
   * long ago is told by its own clock alone, since ours may be off.
   */
  private static Duration life(ObjectNode json, Answer answer) {
    double seconds = Math.min(json.path("expires_in").asDouble(0), MAX_LIFE.toSeconds());
    Duration life = seconds > 0 ? Duration.ofMillis((long) (seconds * 1000)) : DEFAULT_LIFE;
    Optional<Instant> issued =
        text(json, "issued_at").flatMap(text -> time(DateTimeFormatter.ISO_OFFSET_DATE_TIME, text));
    Optional<Instant> now =
        answer.header("Date").flatMap(text -> time(DateTimeFormatter.RFC_1123_DATE_TIME, text));
    if (issued.isEmpty() || now.isEmpty()) {
      return life;
    }
    Duration left = life.minus(Duration.between(issued.get(), now.get()));
    return left.isPositive() && left.compareTo(life) < 0 ? left : life;
  }

  private static Optional<Instant> time(DateTimeFormatter format, String text) {
    try {
      return Optional.of(ZonedDateTime.parse(text, format).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
