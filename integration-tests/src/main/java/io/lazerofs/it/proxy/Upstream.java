package io.lazerofs.it.proxy;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** The registry behind the proxy. Safe for use by many threads. */
final class Upstream implements AutoCloseable {
  private static final int IDLE_CONNECTIONS = 64;
  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade");
  private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

  private final HttpUrl base;
  private final OkHttpClient client =
      new OkHttpClient.Builder()
          .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, 1, TimeUnit.MINUTES))
          .followRedirects(false)
          .retryOnConnectionFailure(true)
          .readTimeout(Duration.ofMinutes(1))
          .build();

  /**
   * @param address host and port
   */
  Upstream(String address) {
    base = HttpUrl.get("http://" + address);
  }

  /**
   * Sends a request on, end-to-end headers as they are.
   *
   * @param body at the request's body, which is taken whole when this returns
   * @return the answer, which the caller closes
   */
  Response send(RequestHead head, BufferedSource body) throws IOException {
    Request.Builder request =
        new Request.Builder()
            .url(HttpUrl.get(base + head.target().substring(1)))
            .headers(endToEnd(head.headers()));
    if (head.header("Accept-Encoding").isEmpty()) {
      request.header("Accept-Encoding", "identity");
    }
    long length = head.bodyLength();
    boolean withBody = WITH_BODY.contains(head.method());
    return client
        .newCall(request.method(head.method(), withBody ? body(body, length) : null).build())
        .execute();
  }

  /** Returns the headers that are not for one connection alone (RFC 9110, section 7.6.1). */
  static Headers endToEnd(Headers headers) {
    Headers.Builder kept = new Headers.Builder();
    for (var header : headers) {
      if (!HOP_BY_HOP.contains(header.getFirst().toLowerCase(Locale.ROOT))) {
        kept.add(header.getFirst(), header.getSecond());
      }
    }
    return kept.build();
  }

  private static RequestBody body(BufferedSource from, long length) {
    return new RequestBody() {
      @Override
      public @Nullable MediaType contentType() {
        return null; // the Content-Type header passes as it came
      }

      @Override
      public long contentLength() {
        return length;
      }

      @Override
      public boolean isOneShot() {
        return true;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        sink.write(from, length);
      }
    };
  }

  @Override
  public void close() {
    client.connectionPool().evictAll();
    client.dispatcher().executorService().shutdown();
  }
}
