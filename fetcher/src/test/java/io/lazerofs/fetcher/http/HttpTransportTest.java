package io.lazerofs.fetcher.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTransportTest {
  private final ManualClock clock = new ManualClock();
  private final MockWebServer origin = new MockWebServer();
  private final MockWebServer storage = new MockWebServer();
  private HttpTransport transport = transport(new OkHttpClient(), Duration.ofSeconds(5));

  private HttpTransport transport(OkHttpClient client, Duration readTimeout) {
    HttpSettings settings =
        new HttpSettings(Set.of(), Duration.ofSeconds(5), readTimeout, Duration.ofSeconds(60));
    return new HttpTransport(client, settings, clock, new Random(1), clock);
  }

  @BeforeEach
  void start() throws IOException {
    origin.start();
    storage.start();
  }

  @AfterEach
  void stop() {
    transport.close();
    origin.close();
    storage.close();
  }

  private Request request(String path) {
    return new Request.Builder()
        .url(origin.url(path))
        .header("Authorization", "Bearer secret")
        .build();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void aRedirectToAnotherHostIsFollowedWithoutAuthorization(int code) throws Exception {
    origin.enqueue(Script.redirect(code, storage.url("/blob?sig=abc")));
    storage.enqueue(Script.bytes("there".getBytes(StandardCharsets.UTF_8)));

    try (Answer answer = transport.send(request("/v2/blob"))) {
      assertThat(answer.body(100)).asString().isEqualTo("there");
      assertThat(answer.redirected()).isTrue();
    }
    assertThat(origin.takeRequest().getHeaders().get("Authorization")).isEqualTo("Bearer secret");
    assertThat(storage.takeRequest().getHeaders().get("Authorization")).isNull();
  }

  @Test
  void aRedirectWithinTheHostKeepsAuthorization() throws Exception {
    origin.enqueue(Script.redirect(307, "/elsewhere"));
    origin.enqueue(Script.status(200));

    transport.send(request("/v2/blob")).close();

    origin.takeRequest();
    assertThat(origin.takeRequest().getHeaders().get("Authorization")).isEqualTo("Bearer secret");
  }

  @Test
  void authorizationDoesNotComeBackWhenARedirectLeadsHome() throws Exception {
    origin.enqueue(Script.redirect(302, storage.url("/away")));
    storage.enqueue(Script.redirect(302, origin.url("/home")));
    origin.enqueue(Script.status(200));

    transport.send(request("/v2/blob")).close();

    origin.takeRequest();
    assertThat(origin.takeRequest().getHeaders().get("Authorization")).isNull();
  }

  @Test
  void redirectsInCirclesEnd() {
    origin.setDispatcher(new Script(any -> Script.redirect(302, "/again?token=secret")));

    assertThatThrownBy(() -> transport.send(request("/v2/blob")))
        .isInstanceOf(HttpException.Protocol.class)
        .hasMessageContaining("more than 5 redirects")
        .hasMessageNotContaining("secret");
  }

  @Test
  void anUploadIsNotRedirected() throws Exception {
    origin.enqueue(Script.redirect(307, storage.url("/")));
    Request put = request("/v2/blob").newBuilder().put(okhttp3.RequestBody.EMPTY).build();
    try (Answer answer = transport.send(put)) {
      assertThat(answer.status()).isEqualTo(307);
    }
  }

  @Test
  void plainHttpIsOnlyForLoopbackAndConfiguredHosts() {
    HttpSettings settings =
        HttpSettings.defaults().withPlainHttpHosts(Set.of("inside.example:5000", "lab.example"));

    assertThat(settings.allowsPlainHttp("127.0.0.1", 5000)).isTrue();
    assertThat(settings.allowsPlainHttp("127.9.8.7", 80)).isTrue();
    assertThat(settings.allowsPlainHttp("localhost", 5000)).isTrue();
    assertThat(settings.allowsPlainHttp("::1", 5000)).isTrue();
    assertThat(settings.allowsPlainHttp("inside.example", 5000)).isTrue();
    assertThat(settings.allowsPlainHttp("lab.example", 81)).isTrue();
    assertThat(settings.allowsPlainHttp("inside.example", 80)).isFalse();
    assertThat(settings.allowsPlainHttp("127.0.0.1.example", 80)).isFalse();
    assertThat(settings.allowsPlainHttp("localhost.example", 80)).isFalse();
  }

  @Test
  void aRedirectToAHostThatNeedsTlsIsRefusedBeforeAnythingIsSent() {
    origin.enqueue(Script.redirect(302, "http://blobs.example/x?sig=secret"));

    assertThatThrownBy(() -> transport.send(request("/v2/blob")))
        .isInstanceOf(HttpException.Protocol.class)
        .hasMessageContaining("blobs.example")
        .hasMessageNotContaining("secret");
    assertThat(transport.statistics().requests()).isEqualTo(1);
  }

  @Test
  void tlsIsSpokenAndMayLeadToPlainHttpOnLoopbackOnly(@TempDir Path directory) throws Exception {
    Tls tls = Tls.selfSigned(directory);
    transport.close();
    transport =
        transport(
            new OkHttpClient.Builder()
                .sslSocketFactory(tls.context().getSocketFactory(), tls.trust())
                .build(),
            Duration.ofSeconds(5));
    try (MockWebServer secure = new MockWebServer()) {
      secure.useHttps(tls.context().getSocketFactory());
      secure.start();
      secure.enqueue(Script.redirect(302, "http://blobs.example/x"));
      secure.enqueue(Script.redirect(302, storage.url("/x")));
      storage.enqueue(Script.status(200));
      Request request = new Request.Builder().url(secure.url("/v2/blob")).build();

      assertThatThrownBy(() -> transport.send(request))
          .isInstanceOf(HttpException.Protocol.class)
          .hasMessageContaining("without TLS");
      try (Answer answer = transport.send(request)) {
        assertThat(answer.status()).isEqualTo(200);
      }
      assertThat(secure.takeRequest().getVersion()).isEqualTo("HTTP/2");
    }
  }

  @Test
  void requestsAndBodyBytesAreCounted() throws Exception {
    origin.enqueue(Script.redirect(302, storage.url("/x")));
    storage.enqueue(Script.bytes(new byte[1000]));

    try (Answer answer = transport.send(request("/v2/blob"))) {
      answer.body(1000);
    }
    assertThat(transport.statistics()).isEqualTo(new HttpStatistics(2, 1000, 0, 0));
  }

  @Test
  void aBodyBeyondItsLimitIsRefused() throws Exception {
    origin.enqueue(Script.bytes(new byte[1001]));
    try (Answer answer = transport.send(request("/v2/blob"))) {
      assertThatThrownBy(() -> answer.body(1000)).isInstanceOf(HttpException.Protocol.class);
    }
  }

  @Test
  void busyServersAreAskedAgainUntilTheyAnswer() throws Exception {
    for (int code : new int[] {429, 500, 502, 503, 504}) {
      origin.enqueue(Script.status(code));
    }
    origin.enqueue(Script.status(200));

    assertThat(get()).isEqualTo(200);
    assertThat(clock.sleeps()).hasSize(5);
    assertThat(clock.sleeps().get(0)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
    assertThat(clock.sleeps().get(4)).isBetween(Duration.ofMillis(1600), Duration.ofMillis(3200));
    assertThat(transport.statistics().retries()).isEqualTo(5);
  }

  @Test
  void aServerThatTiredOfWaitingIsAskedAgain() throws Exception {
    // OkHttp makes the first of these again by itself.
    origin.enqueue(Script.status(408));
    origin.enqueue(Script.status(408));
    origin.enqueue(Script.status(200));

    assertThat(get()).isEqualTo(200);
    assertThat(clock.sleeps()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404})
  void aRefusalIsNotAskedAgain(int code) {
    origin.enqueue(Script.status(code));
    assertThatThrownBy(this::get)
        .isInstanceOfSatisfying(
            HttpException.Status.class, e -> assertThat(e.code()).isEqualTo(code));
    assertThat(clock.sleeps()).isEmpty();
  }

  @Test
  void retryAfterIsHonouredInSecondsAndAsADate() throws Exception {
    origin.enqueue(busy("7"));
    origin.enqueue(busy("Thu, 01 Jan 2026 00:00:20 GMT"));
    origin.enqueue(Script.status(200));

    assertThat(get()).isEqualTo(200);
    assertThat(clock.sleeps()).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(13));
  }

  @Test
  void aRetryAfterBeyondTheDeadlineFailsAtOnce() {
    origin.enqueue(busy("61"));
    assertThatThrownBy(this::get).isInstanceOf(HttpException.Status.class);
    assertThat(clock.sleeps()).isEmpty();
  }

  @Test
  void attemptsEndAtTheDeadline() {
    origin.setDispatcher(new Script(any -> Script.status(503)));
    assertThatThrownBy(this::get).isInstanceOf(HttpException.Status.class);
    Duration slept = clock.sleeps().stream().reduce(Duration.ZERO, Duration::plus);
    assertThat(slept).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
  }

  @Test
  void aRefusedConnectionIsTriedAgain() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Request request = new Request.Builder().url("http://127.0.0.1:" + port + "/").build();
    assertThatThrownBy(() -> transport.retry().run(() -> transport.send(request)))
        .isInstanceOf(HttpException.Connection.class);
    assertThat(clock.sleeps()).hasSizeGreaterThan(10);
  }

  @Test
  void anAnswerThatStallsIsAskedForAgain() throws Exception {
    transport.close();
    transport = transport(new OkHttpClient(), Duration.ofMillis(300));
    origin.enqueue(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE).build());
    origin.enqueue(Script.status(200));

    assertThat(get()).isEqualTo(200);
    assertThat(clock.sleeps()).hasSize(1);
  }

  @Test
  void anInterruptEndsTheAttempts() {
    origin.setDispatcher(new Script(any -> Script.status(503)));
    Thread.currentThread().interrupt();
    assertThatThrownBy(this::get).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(clock.sleeps()).isEmpty();
  }

  private int get() throws IOException {
    return transport
        .retry()
        .run(() -> {
          try (Answer answer = transport.send(request("/"))) {
            if (!answer.isSuccessful()) {
              throw answer.failure();
            }
            return answer.status();
          }
        });
  }

  private static MockResponse busy(String retryAfter) {
    return new MockResponse.Builder().code(429).addHeader("Retry-After", retryAfter).build();
  }

  /** A certificate for localhost that the test's own client trusts. */
  private record Tls(SSLContext context, X509TrustManager trust) {
    static Tls selfSigned(Path directory) throws Exception {
      Path file = directory.resolve("keys.p12");
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "test",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=localhost",
                  "-ext",
                  "san=dns:localhost,ip:127.0.0.1",
                  "-keystore",
                  file.toString(),
                  "-storepass",
                  "changeit")
              .redirectErrorStream(true)
              .start();
      assertThat(keytool.getInputStream().readAllBytes()).isNotNull();
      assertThat(keytool.waitFor()).isZero();
      char[] password = "changeit".toCharArray();
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream stream = Files.newInputStream(file)) {
        keys.load(stream, password);
      }
      KeyManagerFactory keyManagers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keyManagers.init(keys, password);
      TrustManagerFactory trustManagers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("test", keys.getCertificate("test"));
      trustManagers.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
      return new Tls(context, (X509TrustManager) trustManagers.getTrustManagers()[0]);
    }
  }
}
