package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpException;
import io.lazerofs.fetcher.http.HttpTransport;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Challenge;
import okhttp3.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logins at one registry or mirror, by scope. Safe for use by many threads at once; those that
 * need the same login wait for one attempt to get it, and share how it ends.
 *
 * <pre>{@code
 * request ─▶ login known? ─ nearly over ─▶ renew ──▶ send ─▶ 401, 403? ─▶ log in ─▶ send again
 *              │ no                                   ▲                     │ next candidate
 *              └──────────── without ─────────────────┘                     ▼ none left: the answer
 * }</pre>
 *
 * <p>A refusal is never remembered: the next request that is refused reads the credentials and logs
 * in anew. Tokens are renewed when nine tenths of their time are over, and when they are refused;
 * what a renewal ahead of time fails with is not the request's failure, as long as the request can
 * do without.
 */
final class Authenticator {
  private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);

  private final String host;
  private final HttpTransport transport;
  private final Credentials credentials;
  private final InstantSource clock;
  private final TokenService tokens;
  private final Map<Scope, LoginSlot> slots = new ConcurrentHashMap<>();

  /**
   * @param host the host that is logged in to, whose credentials alone are used
   */
  Authenticator(
      String host, HttpTransport transport, Credentials credentials, InstantSource clock) {
    this.host = host;
    this.transport = transport;
    this.credentials = credentials;
    this.clock = clock;
    this.tokens = new TokenService(host, transport, clock);
  }

  /**
   * Sends a request, and again after each login that the registry asks for by refusing it, until
   * there is none to try any more.
   *
   * @return the last answer, whatever its status, to be closed
   * @throws RegistryException.Unauthorized when the registry's token service refuses all logins
   * @throws HttpException when registry or token service cannot be reached or fail
   */
  Answer send(Request request, Scope scope) throws IOException {
    LoginSlot slot = slots.computeIfAbsent(scope, _ -> new LoginSlot());
    Optional<Login> login = known(slot, scope);
    Set<Optional<Credential>> tried = new HashSet<>();
    while (true) {
      Answer answer = transport.send(with(request, login));
      List<Challenge> challenges = challenges(answer, login);
      if (challenges.isEmpty()) {
        return answer;
      }
      Optional<Login> next;
      try {
        Optional<Login> last = login;
        Optional<String> refused = last.map(Login::authorization);
        next = slot.next(last, tried, () -> logIn(challenges, scope, last, refused, tried));
      } catch (IOException | RuntimeException | Error e) {
        answer.close();
        throw e;
      }
      if (next.isEmpty()) {
        return answer;
      }
      answer.close();
      login = next;
      tried.add(login.get().credential());
    }
  }

  private static Request with(Request request, Optional<Login> login) {
    return login
        .map(known -> request.newBuilder().header("Authorization", known.authorization()).build())
        .orElse(request);
  }

  /** Returns what an answer asks to log in by; nothing when it is no refusal of this registry. */
  private static List<Challenge> challenges(Answer answer, Optional<Login> login) {
    boolean refused = answer.status() == 401 || answer.status() == 403;
    if (!refused || answer.redirected()) {
      return List.of();
    }
    List<Challenge> asked = answer.challenges();
    return asked.isEmpty() ? login.stream().map(Login::challenge).toList() : asked;
  }

  /** Returns the login to begin with, renewed when it is time, or empty to be asked for one. */
  private Optional<Login> known(LoginSlot slot, Scope scope) throws IOException {
    Optional<Login> known = slot.login();
    if (known.isEmpty() || clock.instant().isBefore(known.get().renewal())) {
      return known;
    }
    Login old = known.get();
    List<Challenge> challenges = List.of(old.challenge());
    Set<Optional<Credential>> tried = new HashSet<>();
    try {
      return slot.next(
          known, tried, () -> logIn(challenges, scope, known, Optional.empty(), tried));
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      LOG.info("The token for {} of {} is not renewed: {}", scope, host, e.getMessage());
      boolean good = clock.instant().isBefore(old.expiry());
      slot.replace(old, good ? Optional.of(old.withoutRenewal()) : Optional.empty());
      if (!good && e instanceof HttpException failure && failure.isTransient()) {
        throw e;
      }
      // Without a login the registry says anew where tokens are to be had.
      return good ? known : Optional.empty();
    }
  }

  /**
   * Logs in with the first of the credentials that works and was not tried.
   *
   * @param last the login before, whose credential is the likeliest
   * @param refused an authorization that is of no use
   * @param tried credentials that are of no use; those that are refused here are added
   * @return empty when there is none left
   * @throws RegistryException.LoginUnavailable when none is left and there is one that cannot be
   *     read
   * @throws RegistryException.Unauthorized when none is left and the token service refused one
   */
  private Optional<Login> logIn(
      List<Challenge> challenges,
      Scope scope,
      Optional<Login> last,
      Optional<String> refused,
      Set<Optional<Credential>> tried)
      throws IOException {
    Optional<IOException> failure = Optional.empty();
    List<Optional<Credential>> candidates = List.of(Optional.empty());
    try {
      candidates = candidates(scope, last);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      // What anybody may read is not to depend on it; only if that fails, this is why.
      LOG.warn("Trying without a login: {}", e.getMessage());
      failure = Optional.of(e);
    }
    for (Optional<Credential> credential : candidates) {
      if (tried.contains(credential)) {
        continue;
      }
      try {
        Optional<Login> login = logIn(challenges, scope, credential);
        if (login.isPresent() && !login.map(Login::authorization).equals(refused)) {
          return login;
        }
      } catch (RegistryException.Unauthorized e) {
        failure = failure.or(() -> Optional.of(e));
      }
      tried.add(credential);
    }
    if (failure.isPresent()) {
      throw failure.get();
    }
    return Optional.empty();
  }

  private Optional<Login> logIn(
      List<Challenge> challenges, Scope scope, Optional<Credential> credential) throws IOException {
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equalsIgnoreCase("Bearer")) {
        return Optional.of(
            credential.filter(Credential::isRegistryToken).isPresent()
                ? Login.bearer(challenge, credential.get())
                : tokens.token(challenge, scope, credential));
      }
      if (challenge.scheme().equalsIgnoreCase("Basic")
          && credential.filter(Credential::isPassword).isPresent()) {
        return Optional.of(Login.basic(challenge, credential.get()));
      }
    }
    return Optional.empty();
  }

  /** Returns what may be tried: first what worked last, and nothing but anonymity if nothing. */
  private List<Optional<Credential>> candidates(Scope scope, Optional<Login> last)
      throws IOException {
    List<Optional<Credential>> found = new ArrayList<>();
    credentials
        .candidates(host, scope.repository())
        .forEach(credential -> found.add(Optional.of(credential)));
    if (found.isEmpty()) {
      return List.of(Optional.empty());
    }
    last.map(Login::credential).filter(found::remove).ifPresent(worked -> found.addFirst(worked));
    return found;
  }
}
