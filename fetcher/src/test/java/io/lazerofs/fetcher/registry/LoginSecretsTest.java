package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lazerofs.fetcher.http.Script;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Challenge;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** All that can be seen of logins that succeed and that fail in every way, at every log level. */
class LoginSecretsTest {
  private static final String PASSWORD = "pa55word-of-test";
  private static final String IDENTITY = "1dentity-of-test";
  private static final String TOKEN = "t0ken-of-test";
  private static final String SIGNATURE = "s1gnature-of-test";
  private static final Credential USER = new Credential("user", PASSWORD);
  private static final Credential IDENTITY_TOKEN =
      new Credential(Credential.IDENTITY_TOKEN, IDENTITY);
  private static final byte[] CONTENT = Samples.bytes(1000);
  private static final Descriptor BLOB = Samples.blob(CONTENT);

  private final StringWriter seen = new StringWriter();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Level before = root.getLevel();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final java.util.logging.Logger jdk = java.util.logging.Logger.getLogger("okhttp3");
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          synchronized (seen) {
            seen.append(new SimpleFormatter().format(line));
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private MockRegistry registry;

  @BeforeEach
  void start() throws Exception {
    registry = new MockRegistry();
    log.start();
    root.addAppender(log);
    root.setLevel(Level.TRACE);
    jdk.addHandler(handler);
    handler.setLevel(java.util.logging.Level.ALL);
    jdk.setLevel(java.util.logging.Level.ALL);
  }

  @AfterEach
  void stop() {
    registry.close();
    root.detachAppender(log);
    root.setLevel(before);
    jdk.removeHandler(handler);
    jdk.setLevel(null);
  }

  private MockResponse bearer(String realm) {
    return new MockResponse.Builder()
        .code(401)
        .addHeader("WWW-Authenticate", "Bearer realm=\"" + realm + "\"")
        .build();
  }

  /** A registry whose token service answers {@code token}, and that answers {@code blob} then. */
  private Function<RecordedRequest, MockResponse> registry(MockResponse token, MockResponse blob) {
    return request ->
        switch (request.getUrl().encodedPath()) {
          case "/token" -> token;
          case "/signed" -> Script.status(403);
          default ->
              request.getHeaders().get("Authorization") == null
                  ? bearer(registry.server.url("/token").toString())
                  : blob;
        };
  }

  private static MockResponse json(String text) {
    return new MockResponse.Builder().body(text).build();
  }

  private List<Function<RecordedRequest, MockResponse>> scenarios() {
    MockResponse good =
        json("{\"token\":\"" + TOKEN + "\",\"refresh_token\":\"" + IDENTITY + "\"}");
    MockResponse blob = Script.bytes(CONTENT);
    String elsewhere = "http://storage.example/blob?sig=" + SIGNATURE;
    Object here = registry.server.url("/signed?sig=" + SIGNATURE);
    AtomicInteger asked = new AtomicInteger();
    return List.of(
        registry(good, blob),
        request ->
            registry(asked.getAndIncrement() < 3 ? good : Script.status(503), blob).apply(request),
        registry(good, Script.status(401)),
        registry(good, Script.status(403)),
        registry(good, Script.status(500)),
        registry(good, Script.redirect(307, elsewhere)),
        registry(good, Script.redirect(307, here)),
        registry(good, Script.redirect(307, "http://user:" + PASSWORD + "@storage.example/")),
        registry(good, blob.newBuilder().onResponseBody(new SocketEffect.CloseSocket()).build()),
        registry(json("{\"token\":\"" + TOKEN), blob),
        registry(json("{\"token\":[\"" + TOKEN + "\"]}"), blob),
        registry(json("{\"token\":\"" + TOKEN + "\\n\"}"), blob),
        registry(json(TOKEN), blob),
        registry(Script.status(401), blob),
        registry(Script.status(404), blob),
        registry(Script.status(503), blob),
        registry(Script.redirect(302, elsewhere), blob),
        registry(
            new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()).build(),
            blob),
        _ -> bearer("ht!tp:" + TOKEN),
        _ -> bearer("http://token.example/?secret=" + TOKEN));
  }

  @Test
  void noSecretReachesAnExceptionOrALogLine() throws Exception {
    for (List<Credential> logins : List.of(List.of(USER), List.of(IDENTITY_TOKEN, USER))) {
      for (var scenario : scenarios()) {
        registry.login(logins.toArray(Credential[]::new));
        registry.answer(scenario);
        String name = "app" + registry.server.getRequestCount();
        for (int i = 0; i < 2; i++) {
          try {
            registry.repository(name).readBlob(BLOB);
          } catch (IOException e) {
            e.printStackTrace(new PrintWriter(seen, true));
          }
          registry.clock.advance(Duration.ofSeconds(57));
        }
      }
    }
    for (ILoggingEvent event : log.list) {
      seen.append(event.getFormattedMessage()).append('\n');
      if (event.getThrowableProxy() != null) {
        seen.append(event.getThrowableProxy().getMessage()).append('\n');
      }
    }
    String text = seen.toString();
    assertThat(
            Stream.of("Unauthorized", "Malformed", "Unexpected", "Trying again", "is not renewed")
                .filter(word -> !text.contains(word)))
        .as("what was to be seen and was not")
        .isEmpty();
    String basic = Login.basic(USER).substring("Basic ".length());
    assertThat(
            Stream.of(PASSWORD, IDENTITY, TOKEN, SIGNATURE, basic)
                .filter(text::contains)
                .map(secret -> around(text, secret)))
        .as("where a secret was seen")
        .isEmpty();
  }

  private static String around(String text, String secret) {
    int place = text.indexOf(secret);
    return text.substring(Math.max(0, place - 300), Math.min(text.length(), place + 100));
  }

  @Test
  void whatHoldsASecretDoesNotShowIt() {
    Login login =
        new Login(
            "Bearer " + TOKEN,
            new Challenge("Bearer", Map.of("realm", "https://r.example/?x=" + SIGNATURE)),
            Optional.of(USER),
            Instant.EPOCH,
            Instant.EPOCH);
    assertThat(List.of(USER, IDENTITY_TOKEN, login, Optional.of(login), Set.of(login)).toString())
        .contains("user", "Bearer")
        .doesNotContain(PASSWORD, IDENTITY, TOKEN, SIGNATURE);
  }
}
