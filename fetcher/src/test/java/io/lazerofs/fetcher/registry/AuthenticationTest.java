package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lazerofs.fetcher.http.Script;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Credentials;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

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
    registry.credential = Optional.of(new Credential("user", PASSWORD));
    registry.answer(request -> Script.status(200));
    assertThat(registry.repository("app").hasBlob(BLOB)).isTrue();
    assertThat(registry.next().getHeaders().get("Authorization")).isNull();
  }

  @Test
  void basicLoginIsSentOnceAskedForAndThenAtOnce() throws Exception {
    registry.credential = Optional.of(new Credential("user", PASSWORD));
    registry.answer(this::basicRegistry);
    ImageStore store = registry.repository("app");
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(store.hasBlob(BLOB)).isTrue();
    assertThat(registry.server.getRequestCount()).isEqualTo(3);
  }

  @Test
  void aTokenIsAskedForWithServiceScopeAndLogin() throws Exception {
    registry.credential = Optional.of(new Credential("user", PASSWORD));
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
  void anIdentityTokenIsExchangedInTheBodyOfAPost() throws Exception {
    registry.credential = Optional.of(new Credential(Credential.IDENTITY_TOKEN, "refresh-me"));
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

  private static MockResponse broken() {
    return new MockResponse.Builder().body("{\"token\":\"" + TOKEN).build();
  }

  @Test
  void noSecretReachesAnExceptionOrALogLine() throws Exception {
    registry.credential = Optional.of(new Credential("user", PASSWORD));
    Logger root = (Logger) LoggerFactory.getLogger("io.lazerofs");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    root.setLevel(Level.TRACE);
    StringWriter seen = new StringWriter();
    try {
      List<Function<RecordedRequest, MockResponse>> failures =
          List.of(
              this::tokenRegistry,
              request -> challenge("Bearer realm=\"ht!tp\""),
              request -> isForToken(request) ? broken() : tokenRegistry(request),
              request -> isForToken(request) ? Script.status(503) : tokenRegistry(request),
              request -> Script.redirect(302, "http://blobs.example/?sig=" + TOKEN),
              request -> Script.redirect(302, "/x?sig=" + TOKEN));
      for (var failure : failures) {
        registry.answer(failure);
        takesTokens = false;
        try {
          registry.repository("app").resolve("latest");
        } catch (RegistryException e) {
          e.printStackTrace(new PrintWriter(seen, true));
        }
      }
    } finally {
      root.detachAppender(log);
    }
    log.list.forEach(event -> seen.append(event.getFormattedMessage()).append('\n'));
    assertThat(seen.toString())
        .contains("Unauthorized", "Malformed", "Unexpected", "Trying again")
        .doesNotContain(PASSWORD, TOKEN, Credentials.basic("user", PASSWORD));
    assertThat(registry.credential.get()).asString().doesNotContain(PASSWORD);
  }
}
