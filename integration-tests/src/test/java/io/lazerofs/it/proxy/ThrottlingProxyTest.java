package io.lazerofs.it.proxy;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ThrottlingProxyTest {
  private static final byte[] BODY = body();
  private static final Pattern BLOB = Pattern.compile("^/blob");

  private final OkHttpClient client =
      new OkHttpClient.Builder().followRedirects(false).retryOnConnectionFailure(false).build();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer registry;

  @BeforeEach
  void startRegistry() throws IOException {
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    registry.createContext("/", ThrottlingProxyTest::answer);
    registry.setExecutor(threads);
    registry.start();
  }

  @AfterEach
  void stopRegistry() {
    registry.stop(0);
    threads.close();
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

  @Test
  void aPlanDecidesByTheNumberOfTheRequest() throws IOException {
    try (var proxy = start(Line.CLEAR)) {
      proxy.follow((number, target, range) ->
          number == 1 ? Optional.of(new Fault.Refuse(429, OptionalInt.of(3))) : Optional.empty());
      assertThat(get(proxy, "/blob")).isEqualTo(BODY);
      try (var answer = client.newCall(request(proxy, "/blob").build()).execute()) {
        assertThat(answer.code()).isEqualTo(429);
        assertThat(answer.header("Retry-After")).isEqualTo("3");
      }
      assertThat(get(proxy, "/blob")).isEqualTo(BODY);
    }
  }

  static Stream<Fault> breaks() {
    return Stream.of(
        new Fault.HangUp(),
        new Fault.Cut(0),
        new Fault.Cut(70_000),
        new Fault.Reset(0),
        new Fault.Reset(70_000),
        new Fault.Stall(70_000, Duration.ofMillis(1)));
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void aConnectionThatAFaultEndsGivesNoWholeBody(Fault fault) throws IOException {
    try (var proxy = start(Line.CLEAR)) {
      proxy.spoil(BLOB, fault);
      assertThatThrownBy(() -> get(proxy, "/blob")).isInstanceOf(IOException.class);
      assertThat(proxy.exchanges()).allMatch(exchange -> exchange.bytes() <= 70_000);
      proxy.heal();
      assertThat(get(proxy, "/blob")).isEqualTo(BODY);
    }
  }

  @Test
  void aBodyIsShortenedAndLengthenedWithoutABreak() throws IOException {
    try (var proxy = start(Line.CLEAR)) {
      proxy.spoil(BLOB, new Fault.Shorten(10));
      assertThat(get(proxy, "/blob")).isEqualTo(Arrays.copyOf(BODY, BODY.length - 10));
      proxy.heal();
      proxy.spoil(BLOB, new Fault.Lengthen(10));
      assertThat(get(proxy, "/blob")).isEqualTo(Arrays.copyOf(BODY, BODY.length + 10));
      proxy.heal();
      proxy.spoil(BLOB, new Fault.Drip(4 << 20));
      assertThat(get(proxy, "/blob")).isEqualTo(BODY);
    }
  }

  @Test
  void aRangeIsMovedAndIgnored() throws IOException {
    try (var proxy = start(Line.CLEAR)) {
      var range = request(proxy, "/blob").header("Range", "bytes=5-9").build();
      try (var answer = client.newCall(range).execute()) {
        assertThat(answer.header("Content-Range")).isEqualTo("bytes 5-9/" + BODY.length);
        assertThat(answer.body().bytes()).isEqualTo(Arrays.copyOfRange(BODY, 5, 10));
      }
      proxy.spoil(BLOB, new Fault.MoveRange(100));
      try (var answer = client.newCall(range).execute()) {
        assertThat(answer.header("Content-Range")).isEqualTo("bytes 105-109/" + BODY.length);
      }
      proxy.heal();
      proxy.spoil(BLOB, new Fault.IgnoreRange());
      try (var answer = client.newCall(range).execute()) {
        assertThat(answer.code()).isEqualTo(200);
        assertThat(answer.body().bytes()).isEqualTo(BODY);
      }
    }
  }

  @Test
  void aSignedAddressServesItsUsesAndThenIsRefused() throws IOException {
    try (var proxy = start(Line.CLEAR)) {
      proxy.spoil(BLOB, new Fault.Redirect(2));
      String signed;
      try (var answer = client.newCall(request(proxy, "/blob?x=1").build()).execute()) {
        assertThat(answer.code()).isEqualTo(307);
        signed = String.valueOf(answer.header("Location"));
      }
      for (int status : new int[] {200, 200, 403, 403}) {
        try (var answer = client.newCall(new Request.Builder().url(signed).build()).execute()) {
          assertThat(answer.code()).isEqualTo(status);
        }
      }
    }
  }

  @Test
  void aShutDoorRefusesConnectionsAndASlammedOneEndsThem() throws IOException {
    try (var proxy = start(Line.CLEAR)) {
      assertThat(get(proxy, "/blob")).isEqualTo(BODY);
      proxy.door(Door.SHUT);
      client.connectionPool().evictAll(); // the connection that was kept is dead, and not refused
      assertThatThrownBy(() -> get(proxy, "/blob")).isInstanceOf(ConnectException.class);
      proxy.door(Door.SLAMMED);
      assertThatThrownBy(() -> get(proxy, "/blob"))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(ConnectException.class);
      proxy.door(Door.OPEN);
      assertThat(get(proxy, "/blob")).isEqualTo(BODY);
    }
  }

  @Test
  void fiftyConnectionsAreServedAtOnce() throws IOException, InterruptedException {
    int readers = 50;
    // No answer begins before all have asked.
    var asked = new CountDownLatch(readers);
    try (var proxy = start(Line.CLEAR);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      proxy.follow((number, target, range) -> {
        asked.countDown();
        await(asked);
        return Optional.empty();
      });
      var bodies =
          threads.invokeAll(Collections.nCopies(readers, () -> get(proxy, "/blob")), 1, MINUTES);
      assertThat(bodies).allSatisfy(body -> assertThat(body.get()).isEqualTo(BODY));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
        default -> sendRange(exchange);
      }
    }
  }

  private static void sendRange(HttpExchange exchange) throws IOException {
    var range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      send(exchange, BODY);
      return;
    }
    var ends = range.substring("bytes=".length()).split("-", -1);
    var part = Arrays.copyOfRange(BODY, Integer.parseInt(ends[0]), Integer.parseInt(ends[1]) + 1);
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes " + ends[0] + "-" + ends[1] + "/" + BODY.length);
    exchange.sendResponseHeaders(206, part.length);
    exchange.getResponseBody().write(part);
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
