package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.http.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Credentials;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticationTest {
  private static final Descriptor BLOB = Samples.blob(Samples.bytes(10));
  private static final String PASSWORD = "pa55word-of-test";
  private static final String TOKEN = "t0ken-of-test";

  private final AtomicInteger tokens = new AtomicInteger();
  private MockRegistry registry;

  /** Whether the registry takes the latest token; it always refuses those before it. */
  private volatile boolean takesTokens = true;

  @BeforeEach
  void start() throws Exception {
    registry = new MockRegistry();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private MockResponse tokenRegistry(RecordedRequest request) {
    if (isForToken(request)) {
      return new MockResponse.Builder()
          .body(
              "{\"token\":\"%s%d\",\"expires_in\":300}".formatted(TOKEN, tokens.incrementAndGet()))
          .build();
    }
    String current = "Bearer " + TOKEN + tokens.get();
    return takesTokens && current.equals(request.getHeaders().get("Authorization"))
        ? Script.status(200)
        : challenge(
            "Bearer realm=\"%s\",service=\"registry, \\\"quoted\\\"\",scope=\"x:y:z\""
                .formatted(registry.server.url("/token")));
  }

  private MockResponse basicRegistry(RecordedRequest request) {
    return Credentials.basic("user", PASSWORD).equals(request.getHeaders().get("Authorization"))
        ? Script.status(200)
        : challenge("Basic realm=\"here\"");
  }

  private static MockResponse challenge(String value) {
    return new MockResponse.Builder().code(401).addHeader("WWW-Authenticate", value).build();
  }

  @Test
  void anonymousAccessSendsNoLogin() throws Exception {
    registry.login(new Credential("user", PASSWORD));
    registry.answer(request -> Script.status(200));
    assertThat(registry.repository("app").hasBlob(BLOB)).isTrue();
    assertThat(registry.next().getHeaders().get("Authorization")).isNull();
  }

  @Test
  void basicLoginIsSentOnceAskedForAndThenAtOnce() throws Exception {
    registry.login(new Credential("user", PASSWORD));
    registry.answer(this::basicRegistry);
    ImageStore store = registry.repository("app");
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(registry.server.getRequestCount()).isEqualTo(3);
  }

  @Test
  void aTokenIsAskedForWithServiceScopeAndLogin() throws Exception {
    registry.login(new Credential("user", PASSWORD));
    registry.answer(this::tokenRegistry);
    assertThat(registry.repository("team/app").hasBlob(BLOB)).isTrue();

    registry.next();
    RecordedRequest token = registry.next();
    assertThat(token.getUrl().queryParameter("service")).isEqualTo("registry, \"quoted\"");
    assertThat(token.getUrl().queryParameter("scope")).isEqualTo("repository:team/app:pull");
    assertThat(token.getHeaders().get("Authorization"))
        .isEqualTo(Credentials.basic("user", PASSWORD));
  }

  @Test
  void aRegistryTokenIsShownAsItIsAndNobodyIsAskedForAnother() throws Exception {
    registry.login(new Credential(Credential.REGISTRY_TOKEN, TOKEN + "0"));
    registry.answer(this::tokenRegistry);
    assertThat(registry.repository("app").hasBlob(BLOB)).isTrue();

    assertThat(tokens).hasValue(0);
    assertThat(registry.server.getRequestCount()).isEqualTo(2);
  }

  @Test
  void aRegistryTokenIsNoPassword() throws Exception {
    registry.login(new Credential(Credential.REGISTRY_TOKEN, TOKEN));
    registry.answer(this::basicRegistry);
    assertThatThrownBy(() -> registry.repository("app").hasBlob(BLOB))
        .isInstanceOf(RegistryException.Unauthorized.class);
    assertThat(registry.next().getHeaders().get("Authorization")).isNull();
    assertThat(registry.server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void anIdentityTokenIsExchangedInTheBodyOfAPost() throws Exception {
    registry.login(new Credential(Credential.IDENTITY_TOKEN, "refresh-me"));
    registry.answer(this::tokenRegistry);
    assertThat(registry.repository("app").hasBlob(BLOB)).isTrue();

    registry.next();
    RecordedRequest token = registry.next();
    assertThat(token.getMethod()).isEqualTo("POST");
    assertThat(token.getUrl().query()).isNull();
    assertThat(MockRegistry.body(token))
        .asString()
        .contains("grant_type=refresh_token", "refresh_token=refresh-me", "scope=repository");
  }

  @Test
  void aTokenIsUsedAgainUntilItIsNearlyExpired() throws Exception {
    registry.answer(this::tokenRegistry);
    ImageStore store = registry.repository("app");
    store.hasBlob(BLOB);
    registry.clock.advance(Duration.ofSeconds(269));
    store.hasBlob(BLOB);
    assertThat(tokens).hasValue(1);
    assertThat(registry.server.getRequestCount()).isEqualTo(4);

    registry.clock.advance(Duration.ofSeconds(1));
    store.hasBlob(BLOB);
    assertThat(tokens).hasValue(2);
    // Renewed before it is sent, and so without another refusal.
    assertThat(registry.server.getRequestCount()).isEqualTo(6);
  }

  @Test
  void eachScopeHasATokenOfItsOwn() throws Exception {
    List<String> scopes = new ArrayList<>();
    registry.answer(request -> {
      if (isForToken(request)) {
        scopes.add(request.getUrl().queryParameter("scope"));
      }
      return tokenRegistry(request);
    });
    registry.repository("one").hasBlob(BLOB);
    registry.repository("two").putBlob(BLOB, ImageStore.Content.of(Samples.bytes(10)));
    assertThat(scopes).containsExactly("repository:one:pull", "repository:two:pull,push");
  }

  @Test
  void aTokenThatIsRefusedIsRenewedOnce() throws Exception {
    registry.answer(this::tokenRegistry);
    ImageStore store = registry.repository("app");
    store.hasBlob(BLOB);
    tokens.incrementAndGet(); // The registry forgets the token.
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(tokens).hasValue(3);
  }

  @Test
  void aRefusalIsNotRemembered() throws Exception {
    registry.answer(this::tokenRegistry);
    ImageStore store = registry.repository("app");
    takesTokens = false;
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> store.hasBlob(BLOB))
          .isInstanceOf(RegistryException.Unauthorized.class)
          .hasMessageContaining("docker login " + registry.host());
    }
    assertThat(tokens).as("one new login for each refusal").hasValue(3);
    takesTokens = true;
    assertThat(store.hasBlob(BLOB)).isTrue();
  }

  @Test
  void readersThatNeedTheSameTokenShareOneRequestForIt() throws Exception {
    registry.answer(this::tokenRegistry);
    ImageStore store = registry.repository("app");
    List<Future<Boolean>> results = new ArrayList<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        results.add(executor.submit(() -> store.hasBlob(BLOB)));
      }
    }
    for (Future<Boolean> result : results) {
      assertThat(result.get()).isTrue();
    }
    assertThat(tokens).hasValue(1);
  }

  /**
   * Answers {@code HEAD} of blobs by a token's number, and requests for tokens by {@code token}.
   */
  private void tokens(String token, IntPredicate good) {
    registry.answer(request -> {
      if (isForToken(request)) {
        return new MockResponse.Builder()
            .body(token.replace("NUMBER", Integer.toString(tokens.incrementAndGet())))
            .build();
      }
      String shown = String.valueOf(request.getHeaders().get("Authorization"));
      return shown.startsWith("Bearer t")
              && good.test(Integer.parseInt(shown.substring("Bearer t".length())))
          ? Script.status(200)
          : bearer();
    });
  }

  private MockResponse bearer() {
    return challenge("Bearer realm=\"%s\",service=\"s\"".formatted(registry.server.url("/token")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | 54",
        "'\"expires_in\":0,' | 54",
        "'\"expires_in\":-5,' | 54",
        "'\"expires_in\":null,' | 54",
        "'\"expires_in\":\"soon\",' | 54",
        "'\"expires_in\":3,' | 3",
        "'\"expires_in\":\"300\",' | 270",
        "'\"expires_in\":99999999999999,' | 77760",
        "'\"expires_in\":99999999999999999999999,' | 77760",
      })
  void aTokenIsRenewedWhenNineTenthsOfItsLifeAreOver(String field, int seconds) throws Exception {
    tokens("{" + field + "\"token\":\"tNUMBER\"}", number -> true);
    ImageStore store = registry.repository("app");
    store.hasBlob(BLOB);
    registry.clock.advance(Duration.ofSeconds(seconds - 1));
    store.hasBlob(BLOB);
    assertThat(tokens).hasValue(1);
    registry.clock.advance(Duration.ofSeconds(1));
    store.hasBlob(BLOB);
    assertThat(tokens).hasValue(2);
  }

  @ParameterizedTest
  @CsvSource({
    "2001-01-01T00:00:40Z, 54", // 60 of its 80 seconds are left, whatever our clock says
    "2001-01-01T00:01:00Z, 72", // issued just now
    "2001-01-01T00:01:30Z, 72", // in the future
    "0001-01-01T00:00:00Z, 72", // no time at all, as Go writes it
    "yesterday, 72",
  })
  void theAgeOfATokenIsToldByTheClockOfItsService(String issued, int seconds) throws Exception {
    String body = "{\"access_token\":\"t%d\",\"expires_in\":80,\"issued_at\":\"%s\"}";
    registry.answer(request ->
        isForToken(request)
            ? new MockResponse.Builder()
                .addHeader("Date", "Mon, 01 Jan 2001 00:01:00 GMT")
                .body(body.formatted(tokens.incrementAndGet(), issued))
                .build()
            : request.getHeaders().get("Authorization") == null ? bearer() : Script.status(200));
    ImageStore store = registry.repository("app");
    store.hasBlob(BLOB);
    registry.clock.advance(Duration.ofSeconds(seconds - 1));
    store.hasBlob(BLOB);
    assertThat(tokens).hasValue(1);
    registry.clock.advance(Duration.ofSeconds(1));
    store.hasBlob(BLOB);
    assertThat(tokens).hasValue(2);
  }

  @Test
  void aClockThatIsSetBackDoesNotKeepAnOldTokenAlive() throws Exception {
    AtomicInteger good = new AtomicInteger(1);
    tokens("{\"token\":\"tNUMBER\",\"expires_in\":60}", number -> number == good.get());
    ImageStore store = registry.repository("app");
    assertThat(store.hasBlob(BLOB)).isTrue();
    registry.clock.advance(Duration.ofDays(-2));
    good.set(2);
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(tokens).hasValue(2);
  }

  @Test
  void anExpiredTokenIsAnsweredBy403AtSomeRegistriesAndRenewedThereToo() throws Exception {
    registry.answer(request -> {
      MockResponse answer = tokenRegistry(request);
      boolean shown = request.getHeaders().get("Authorization") != null;
      return answer.getCode() == 401 && shown ? Script.status(403) : answer;
    });
    ImageStore store = registry.repository("app");
    assertThat(store.hasBlob(BLOB)).isTrue();
    tokens.incrementAndGet(); // The registry forgets the token.
    assertThat(store.hasBlob(BLOB)).isTrue();
    takesTokens = false;
    int before = tokens.get();
    assertThatThrownBy(() -> store.hasBlob(BLOB))
        .isInstanceOf(RegistryException.Unauthorized.class)
        .hasMessageContaining("403");
    assertThat(tokens).as("one new login for one refusal").hasValue(before + 1);
    takesTokens = true;
    assertThat(store.hasBlob(BLOB)).isTrue();
  }

  @Test
  void aTokenServiceThatFailsForAWhileIsWaitedFor() throws Exception {
    AtomicInteger failures = new AtomicInteger();
    registry.answer(request ->
        isForToken(request) && failures.getAndIncrement() < 4
            ? failures.get() % 2 == 0
                ? Script.status(503)
                : new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()).build()
            : tokenRegistry(request));
    assertThat(registry.repository("app").hasBlob(BLOB)).isTrue();
    // The client itself repeats what broke before an answer; what failed by an answer is ours.
    assertThat(registry.clock.sleeps()).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void aTokenThatCannotBeRenewedAheadOfTimeIsUsedUntilItIsOver() throws Exception {
    AtomicBoolean down = new AtomicBoolean();
    AtomicInteger refusals = new AtomicInteger();
    registry.answer(request -> {
      if (isForToken(request) && down.get()) {
        refusals.incrementAndGet();
        return Script.status(503);
      }
      return tokenRegistry(request);
    });
    ImageStore store = registry.repository("app");
    store.hasBlob(BLOB);
    down.set(true);
    registry.clock.advance(Duration.ofSeconds(280));
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(refusals).as("it is not asked again at each request").hasValue(1);
    assertThat(registry.clock.sleeps()).isEmpty();

    registry.clock.advance(Duration.ofSeconds(21));
    assertThatThrownBy(() -> store.hasBlob(BLOB)).isInstanceOf(RegistryException.Unexpected.class);
    down.set(false);
    assertThat(store.hasBlob(BLOB)).isTrue();
  }

  @Test
  void aRegistryMayMoveToAnotherTokenService() throws Exception {
    AtomicReference<String> realm = new AtomicReference<>("/token");
    registry.answer(request -> {
      String path = request.getUrl().encodedPath();
      if (path.equals(realm.get())) {
        return new MockResponse.Builder().body("{\"token\":\"" + path + "\"}").build();
      }
      return !path.startsWith("/v2")
          ? Script.status(404)
          : ("Bearer " + realm.get()).equals(request.getHeaders().get("Authorization"))
              ? Script.status(200)
              : challenge("Bearer realm=\"" + registry.server.url(realm.get()) + "\"");
    });
    ImageStore store = registry.repository("app");
    assertThat(store.hasBlob(BLOB)).isTrue();
    realm.set("/other");
    registry.clock.advance(Duration.ofSeconds(100));
    assertThat(store.hasBlob(BLOB)).isTrue();
  }

  @Test
  void a404OfTheTokenServiceIsNoWordOnTheImage() throws Exception {
    registry.answer(request -> isForToken(request) ? Script.status(404) : bearer());
    assertThatThrownBy(() -> registry.repository("app").resolve("latest"))
        .isInstanceOf(RegistryException.Unexpected.class)
        .hasMessageContaining("login at registry");
  }

  @Test
  void loginsAreTriedInOrderUntilOneIsTakenWhichIsTheFirstNextTime() throws Exception {
    registry.login(
        new Credential("stale", "x"), new Credential("weak", "x"), new Credential("good", "x"));
    registry.answer(request -> {
      String shown = String.valueOf(request.getHeaders().get("Authorization"));
      if (isForToken(request)) {
        tokens.incrementAndGet();
        return shown.equals(Credentials.basic("stale", "x"))
            ? Script.status(401)
            : new MockResponse.Builder()
                .body("{\"token\":\"" + shown.replace("Basic ", "") + "\"}")
                .build();
      }
      String good = Credentials.basic("good", "x").replace("Basic", "Bearer");
      return shown.equals(good) ? Script.status(200) : bearer();
    });
    ImageStore store = registry.repository("app");
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(tokens).hasValue(3);
    registry.clock.advance(Duration.ofSeconds(100));
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(tokens).as("the good one first").hasValue(4);
  }

  @Test
  void passwordsOfBasicLoginsAreTriedInOrderToo() throws Exception {
    registry.login(new Credential("user", "old"), new Credential("user", PASSWORD));
    registry.answer(this::basicRegistry);
    ImageStore store = registry.repository("app");
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(registry.server.getRequestCount()).isEqualTo(4);
  }

  @Test
  void aPasswordThatIsChangedIsReadAtTheNextRefusal() throws Exception {
    registry.login(new Credential("user", "wrong"));
    registry.answer(this::basicRegistry);
    ImageStore store = registry.repository("app");
    assertThatThrownBy(() -> store.hasBlob(BLOB))
        .isInstanceOf(RegistryException.Unauthorized.class);
    registry.login(new Credential("user", PASSWORD));
    assertThat(store.hasBlob(BLOB)).isTrue();
  }

  @Test
  void aServiceThatTakesPostsAloneGetsThePasswordInTheBody() throws Exception {
    registry.login(new Credential("user", PASSWORD));
    registry.answer(request ->
        isForToken(request) && request.getMethod().equals("GET")
            ? Script.status(405)
            : tokenRegistry(request));
    assertThat(registry.repository("app").hasBlob(BLOB)).isTrue();
    registry.next();
    registry.next();
    RecordedRequest token = registry.next();
    assertThat(token.getUrl().query()).isNull();
    assertThat(MockRegistry.body(token))
        .asString()
        .contains("grant_type=password", "username=user", "password=" + PASSWORD);
  }

  @Test
  void anIdentityTokenIsNeverShownAsAPassword() throws Exception {
    registry.login(new Credential(Credential.IDENTITY_TOKEN, "refresh-me"));
    registry.answer(this::basicRegistry);
    assertThatThrownBy(() -> registry.repository("app").hasBlob(BLOB))
        .isInstanceOf(RegistryException.Unauthorized.class);
    assertThat(registry.server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void theScopeOfTheChallengeIsAskedForToo() throws Exception {
    registry.answer(this::tokenRegistry);
    registry.repository("app").hasBlob(BLOB);
    registry.next();
    assertThat(registry.next().getUrl().queryParameterValues("scope"))
        .containsExactly("repository:app:pull", "x:y:z");
  }

  @Test
  void aLoginThatCannotBeReadIsToldOnlyWhereItIsNeeded() throws Exception {
    registry.credentials =
        (host, name) -> {
          throw new RegistryException.LoginUnavailable(host, "the helper is broken");
        };
    registry.answer(this::tokenRegistry);
    assertThat(registry.repository("public").hasBlob(BLOB)).isTrue();
    registry.answer(this::basicRegistry);
    assertThatThrownBy(() -> registry.repository("private").hasBlob(BLOB))
        .hasMessageContaining("the helper is broken");
    takesTokens = false;
    registry.answer(this::tokenRegistry);
    assertThatThrownBy(() -> registry.repository("other").hasBlob(BLOB))
        .hasMessageContaining("the helper is broken");
  }

  @Test
  void readersThatAreRefusedAtOnceShareTheFailureOfOneLogin() throws Exception {
    // The first reader's login is held until all the others have been refused.
    int readers = 20;
    CountDownLatch refused = new CountDownLatch(readers);
    registry.answer(request -> {
      if (!isForToken(request)) {
        refused.countDown();
        return tokenRegistry(request);
      }
      tokens.incrementAndGet();
      try {
        assertThat(refused.await(30, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      return Script.status(401);
    });
    ImageStore store = registry.repository("app");
    List<Future<Boolean>> results = new ArrayList<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < readers; i++) {
        results.add(executor.submit(() -> store.hasBlob(BLOB)));
      }
    }
    for (Future<Boolean> result : results) {
      assertThatThrownBy(result::get).hasCauseInstanceOf(RegistryException.Unauthorized.class);
    }
    assertThat(tokens.get()).as("requests for tokens").isLessThan(readers);
  }

  @Test
  void aReaderThatIsInterruptedWhileItLogsInDoesNotFailTheOthers() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    registry.answer(request -> {
      if (isForToken(request)) {
        asked.countDown();
        try {
          assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      return tokenRegistry(request);
    });
    ImageStore store = registry.repository("app");
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> first = executor.submit(() -> store.hasBlob(BLOB));
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
      Future<Boolean> second = executor.submit(() -> store.hasBlob(BLOB));
      first.cancel(true);
      go.countDown();
      assertThat(second.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void noLoginGoesToAnotherHost() throws Exception {
    registry.login(new Credential("user", PASSWORD));
    try (MockRegistry storage = new MockRegistry()) {
      // Refusals of a storage of blobs are no reason to log in there.
      storage.answer(request -> challenge("Basic realm=\"storage\""));
      registry.answer(request ->
          basicRegistry(request).getCode() == 401
              ? basicRegistry(request)
              : Script.redirect(307, storage.server.url("/blob?sig=x")));
      assertThatThrownBy(() -> registry.repository("app").openBlob(BLOB).close())
          .isInstanceOf(RegistryException.class);
      assertThat(storage.server.getRequestCount()).isPositive();
      while (storage.server.getRequestCount() > 0) {
        RecordedRequest request = storage.server.takeRequest(0, TimeUnit.SECONDS);
        if (request == null) {
          break;
        }
        assertThat(request.getHeaders().get("Authorization")).isNull();
      }
    }
  }

  @Test
  void eachHostIsAskedAboutByItsOwnNameAndRepository() throws Exception {
    List<String> asked = new ArrayList<>();
    registry.credentials =
        (host, name) -> {
          asked.add(host + "/" + name);
          return List.of();
        };
    registry.answer(this::tokenRegistry);
    registry.repository("team/app").hasBlob(BLOB);
    assertThat(asked).containsExactly(registry.host() + "/team/app");
  }

  @Test
  void withoutALoginTheRefusalSaysWhatToDo() throws Exception {
    registry.answer(this::basicRegistry);
    ImageStore store = registry.repository("team/app");
    assertThatThrownBy(() -> store.resolve("latest"))
        .isInstanceOfSatisfying(
            RegistryException.Unauthorized.class,
            e -> assertThat(e.host()).isEqualTo(registry.host()))
        .hasMessageContaining("team/app")
        .hasMessageContaining("401");
  }

  @Test
  void tooFewRightsAreARefusalToo() throws Exception {
    registry.answer(request -> Script.status(403));
    assertThatThrownBy(() -> registry.repository("app").resolve("latest"))
        .isInstanceOf(RegistryException.Unauthorized.class)
        .hasMessageContaining("403");
  }

  private static boolean isForToken(RecordedRequest request) {
    return request.getUrl().encodedPath().equals("/token");
  }
}
