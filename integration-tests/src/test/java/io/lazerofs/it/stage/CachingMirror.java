package io.lazerofs.it.stage;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mirror as a P2P node is one: it keeps each blob that it is asked for, and gives ranges of it.
 * It serves blobs only, by {@code http}, on behalf of the registry that {@code ns} names, and can
 * die in the middle of an answer.
 */
public final class CachingMirror implements AutoCloseable {
  private static final Pattern BLOB = Pattern.compile("/v2/.+/blobs/sha256:[0-9a-f]{64}");
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");
  private static final int CHUNK_BYTES = 16 << 10;

  private final String registry;
  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final AtomicLong served = new AtomicLong();
  private volatile long dieAfter = Long.MAX_VALUE;
  private volatile Running running;

  /** The server while the mirror lives; all of it ends with {@link #close}. */
  private record Running(HttpServer server, int port, ExecutorService workers)
      implements AutoCloseable {
    @Override
    public void close() {
      server.stop(0);
      workers.shutdownNow();
    }
  }

  private CachingMirror(String registry) throws IOException {
    this.registry = registry;
    this.running = run(0);
  }

  /** Starts a mirror of a registry, on a free loopback port; the stage closes it. */
  public static CachingMirror start(Stage stage, Registry registry) throws IOException {
    return stage.keep(new CachingMirror(registry.address()));
  }

  private Running run(int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(workers);
    server.createContext("/", this::handle);
    server.start();
    return new Running(server, server.getAddress().getPort(), workers);
  }

  /** Host and port. */
  public String address() {
    return "127.0.0.1:" + running.port();
  }

  /** Bytes of blobs that it has given so far. */
  public long served() {
    return served.get();
  }

  /** Has it die when it has given this many more bytes, whatever it is doing then. */
  public void dieAfter(long bytes) {
    dieAfter = served.get() + bytes;
  }

  /** Starts it again where it was, with what it kept. */
  public void revive() throws IOException {
    dieAfter = Long.MAX_VALUE;
    running.close();
    running = run(running.port());
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      URI uri = exchange.getRequestURI();
      if (!BLOB.matcher(uri.getPath()).matches() || !("ns=" + registry).equals(uri.getQuery())) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      byte[] blob = blobs.get(uri.getPath());
      if (blob == null) {
        blob = fetch(uri.getPath());
        blobs.put(uri.getPath(), blob);
      }
      answer(exchange, blob);
    }
  }

  private byte[] fetch(String path) throws IOException {
    try {
      var answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + registry + path)).build(),
              BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new IOException(path + ": status " + answer.statusCode());
      }
      return answer.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("ended while it fetched " + path, e);
    }
  }

  private void answer(HttpExchange exchange, byte[] blob) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(blob.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    String header = exchange.getRequestHeaders().getFirst("Range");
    Matcher range = RANGE.matcher(header == null ? "" : header);
    boolean partial = range.matches();
    int from = partial ? Integer.parseInt(range.group(1)) : 0;
    int end = partial ? Integer.parseInt(range.group(2)) + 1 : blob.length;
    if (partial) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, end - 1, blob.length));
    }
    exchange.sendResponseHeaders(partial ? 206 : 200, end - from);
    for (int at = from; at < end; at += CHUNK_BYTES) {
      int count = Math.min(CHUNK_BYTES, end - at);
      if (served.get() + count > dieAfter) {
        running.close();
        throw new IOException("the mirror has died");
      }
      exchange.getResponseBody().write(blob, at, count);
      served.addAndGet(count);
    }
  }

  @Override
  public void close() {
    running.close();
    client.shutdownNow();
  }
}
