package io.lazerofs.it.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ThrottlingProxyTest {
  private static final byte[] BODY = body();

  private final OkHttpClient client =
      new OkHttpClient.Builder().followRedirects(false).retryOnConnectionFailure(false).build();
  private HttpServer registry;

  @BeforeEach
  void startRegistry() throws IOException {
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext("/", ThrottlingProxyTest::answer);
    registry.start();
  }

  @AfterEach
  void stopRegistry() {
    registry.stop(0);
    client.connectionPool().evictAll();
  }

  @Test
  void answersPassUnchangedAndAreCounted() throws IOException {
    try (var proxy = start(Line.CLEAR)) {
      assertThat(get(proxy, "/blob?x=1")).isEqualTo(BODY);
      assertThat(proxy.exchanges())
          .containsExactly(new Exchange("GET", "/blob?x=1", Optional.empty(), 200, BODY.length));
      proxy.forget();
      assertThat(proxy.exchanges()).isEmpty();
    }
  }

  @Test
  void uploadsAndTheirHeadersReachTheRegistry() throws IOException {
    try (var proxy = start(Line.CLEAR)) {
      var request = request(proxy, "/echo").put(RequestBody.create(BODY)).header("X-Test", "kept");
      try (var answer = client.newCall(request.build()).execute()) {
        assertThat(answer.body().bytes()).isEqualTo(BODY);
        assertThat(answer.header("X-Test")).isEqualTo("kept");
        assertThat(answer.header("X-Host")).isEqualTo(proxy.address());
      }
    }
  }

  @Test
  void redirectsAreLeftToTheClient() throws IOException {
    try (var proxy = start(Line.CLEAR);
        var answer = client.newCall(request(proxy, "/redirect").build()).execute()) {
      assertThat(answer.code()).isEqualTo(307);
      assertThat(answer.header("Location")).isEqualTo("/blob");
    }
  }

  @Test
  void eachRequestIsDelayedAndItsBodyPaced() throws IOException {
    // 256 KiB at 2 MiB/s take 125 ms, after 50 ms of delay.
    try (var proxy = start(new Line(Duration.ofMillis(50), 2 << 20))) {
      long begin = System.nanoTime();
      assertThat(get(proxy, "/blob")).isEqualTo(BODY);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(174));
    }
  }

  @Test
  void faultsApplyToTheirPathsUntilHealed() throws IOException {
    try (var proxy = start(Line.CLEAR)) {
      proxy.spoil(Pattern.compile("^/refused$"), new Fault.Refuse(403));
      proxy.spoil(Pattern.compile("^/inverted$"), new Fault.Invert(100_000));
      proxy.spoil(Pattern.compile("^/cut$"), new Fault.Cut(100_000));
      try (var answer = client.newCall(request(proxy, "/refused").build()).execute()) {
        assertThat(answer.code()).isEqualTo(403);
      }
      var inverted = BODY.clone();
      inverted[100_000] = (byte) ~inverted[100_000];
      assertThat(get(proxy, "/inverted")).isEqualTo(inverted);
      assertThatThrownBy(() -> get(proxy, "/cut")).isInstanceOf(IOException.class);
      assertThat(get(proxy, "/blob")).isEqualTo(BODY);
      proxy.heal();
      assertThat(get(proxy, "/inverted")).isEqualTo(BODY);
    }
  }

  private ThrottlingProxy start(Line line) throws IOException {
    return ThrottlingProxy.start("127.0.0.1:" + registry.getAddress().getPort(), line);
  }

  private byte[] get(ThrottlingProxy proxy, String path) throws IOException {
    try (var answer = client.newCall(request(proxy, path).build()).execute()) {
      return answer.body().bytes();
    }
  }

  private static Request.Builder request(ThrottlingProxy proxy, String path) {
    return new Request.Builder().url("http://" + proxy.address() + path);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var headers = exchange.getResponseHeaders();
      headers.add("X-Host", exchange.getRequestHeaders().getFirst("Host"));
      switch (exchange.getRequestURI().getPath()) {
        case "/redirect" -> {
          headers.add("Location", "/blob");
          exchange.sendResponseHeaders(307, -1);
        }
        case "/echo" -> {
          headers.add("X-Test", exchange.getRequestHeaders().getFirst("X-Test"));
          send(exchange, exchange.getRequestBody().readAllBytes());
        }
        default -> send(exchange, BODY);
      }
    }
  }

  private static void send(HttpExchange exchange, byte[] body) throws IOException {
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static byte[] body() {
    var body = new byte[256 << 10];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) (i * 31 + (i >> 8));
    }
    return body;
  }
}
