package io.lazerofs.it.proxy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/**
 * A reverse HTTP proxy on a free loopback port that delays, slows and counts what passes, and
 * spoils it on demand.
 *
 * <p>All methods are safe for use by many threads. Closing it ends the connections that are open.
 */
public final class ThrottlingProxy implements AutoCloseable {
  private static final int CHUNK_BYTES = 16 << 10;
  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade");
  private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

  private final HttpUrl upstream;
  private final Line line;
  private final Pace pace;
  private final OkHttpClient client;
  private final HttpServer server;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
  private final Map<Pattern, Fault> faults = new ConcurrentHashMap<>();

  private ThrottlingProxy(String upstream, Line line) throws IOException {
    this.upstream = HttpUrl.get("http://" + upstream);
    this.line = line;
    pace = new Pace(line.bytesPerSecond());
    client =
        new OkHttpClient.Builder()
            .followRedirects(false)
            .retryOnConnectionFailure(false)
            .readTimeout(Duration.ofMinutes(1))
            .build();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(workers);
    server.createContext("/", this::handle);
  }

  /**
   * Starts a proxy.
   *
   * @param upstream host and port of the registry
   * @throws IOException if no port can be had
   */
  public static ThrottlingProxy start(String upstream, Line line) throws IOException {
    var proxy = new ThrottlingProxy(upstream, line);
    proxy.server.start();
    return proxy;
  }

  /** Host and port that it listens on. */
  public String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** What has passed so far, in the order of completion. */
  public List<Exchange> exchanges() {
    return List.copyOf(exchanges);
  }

  /** Forgets what has passed so far. */
  public void forget() {
    exchanges.clear();
  }

  /**
   * From now on meets each request whose path with query matches {@code path} with {@code fault}.
   */
  public void spoil(Pattern path, Fault fault) {
    faults.put(path, fault);
  }

  /** Ends every fault. */
  public void heal() {
    faults.clear();
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
    client.connectionPool().evictAll();
    client.dispatcher().executorService().shutdown();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      LockSupport.parkNanos(line.delay().toNanos());
      var fault = faultFor(pathOf(exchange));
      if (fault.orElse(null) instanceof Fault.Refuse(int status)) {
        note(exchange, status, 0);
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      if (fault.orElse(null) instanceof Fault.HangUp) {
        note(exchange, 0, 0);
        return;
      }
      try (var answer = client.newCall(forwarded(exchange)).execute()) {
        pass(exchange, answer, fault);
      }
    }
  }

  private Optional<Fault> faultFor(String path) {
    return faults.entrySet().stream()
        .filter(fault -> fault.getKey().matcher(path).find())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private Request forwarded(HttpExchange exchange) {
    var url = HttpUrl.get(upstream + pathOf(exchange).substring(1));
    var request = new Request.Builder().url(url);
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> values.forEach(value -> addEndToEnd(request, name, value)));
    if (exchange.getRequestHeaders().getFirst("Accept-Encoding") == null) {
      request.header("Accept-Encoding", "identity");
    }
    var method = exchange.getRequestMethod();
    return request.method(method, WITH_BODY.contains(method) ? body(exchange) : null).build();
  }

  private static void addEndToEnd(Request.Builder request, String name, String value) {
    if (!HOP_BY_HOP.contains(name.toLowerCase(Locale.ROOT))) {
      request.addHeader(name, value);
    }
  }

  private static RequestBody body(HttpExchange exchange) {
    var length = exchange.getRequestHeaders().getFirst("Content-Length");
    return new RequestBody() {
      @Override
      public @Nullable MediaType contentType() {
        return null; // the Content-Type header passes as it came
      }

      @Override
      public long contentLength() {
        return length == null ? -1 : Long.parseLong(length);
      }

      @Override
      public boolean isOneShot() {
        return true;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        sink.writeAll(Okio.source(exchange.getRequestBody()));
      }
    };
  }

  private void pass(HttpExchange exchange, Response answer, Optional<Fault> fault)
      throws IOException {
    for (var header : answer.headers()) {
      if (!HOP_BY_HOP.contains(header.getFirst().toLowerCase(Locale.ROOT))) {
        exchange.getResponseHeaders().add(header.getFirst(), header.getSecond());
      }
    }
    if (exchange.getRequestMethod().equals("HEAD") || answer.body().contentLength() == 0) {
      note(exchange, answer.code(), 0);
      exchange.sendResponseHeaders(answer.code(), -1);
      return;
    }
    long length = answer.body().contentLength();
    exchange.sendResponseHeaders(answer.code(), Math.max(0, length));
    long sent = 0;
    try (InputStream in = answer.body().byteStream()) {
      var out = exchange.getResponseBody();
      var chunk = new byte[CHUNK_BYTES];
      for (int count; (count = in.read(chunk)) > 0; ) {
        spoil(chunk, count, sent, fault);
        LockSupport.parkNanos(pace.reserve(count, System.nanoTime()));
        sent += count;
        if (sent == length) {
          // Before the last byte goes out: whoever has the whole body finds it counted.
          note(exchange, answer.code(), sent);
        }
        out.write(chunk, 0, count);
      }
      out.close();
    } finally {
      if (sent != length) {
        note(exchange, answer.code(), sent);
      }
    }
  }

  /** Applies a fault to {@code count} bytes of a body that begin at {@code offset} in it. */
  private static void spoil(byte[] chunk, int count, long offset, Optional<Fault> fault)
      throws IOException {
    switch (fault.orElse(null)) {
      case Fault.Invert(long at) when at >= offset && at < offset + count -> {
        int index = (int) (at - offset);
        chunk[index] = (byte) ~chunk[index];
      }
      case Fault.Cut(long after) when offset + count > after ->
          throw new IOException("cut after " + after + " bytes");
      case Fault.Stall(long after, Duration time) when offset + count > after -> {
        LockSupport.parkNanos(time.toNanos());
        throw new IOException("stalled after " + after + " bytes");
      }
      case null, default -> {}
    }
  }

  private void note(HttpExchange exchange, int status, long bytes) {
    exchanges.add(
        new Exchange(
            exchange.getRequestMethod(),
            pathOf(exchange),
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")),
            status,
            bytes));
  }

  private static String pathOf(HttpExchange exchange) {
    return exchange.getRequestURI().toString();
  }
}
