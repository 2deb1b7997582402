package io.lazerofs.fetcher.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import okhttp3.ConnectionPool;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * A client for HTTP/2 and HTTP/1.1 that keeps connections, follows redirects by its own rules and
 * counts. Blocks the calling thread, which is best a virtual one; safe for use by many at once.
 *
 * <p>One for a whole process is enough, and shares connections best.
 */
public final class HttpTransport implements AutoCloseable {
  private static final int MAX_REDIRECTS = 5;
  private static final int IDLE_CONNECTIONS = 16;
  private static final Set<String> HARMLESS_HEADERS = Set.of("accept", "accept-encoding", "range");
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final Clients clients;
  private final HttpSettings settings;
  private final InstantSource clock;
  private final HttpCounters counters;
  private final Retry retry;

  /** Returns a transport on the system's clock. */
  public static HttpTransport create(HttpSettings settings) {
    return new HttpTransport(
        OkHttpClient::new, settings, InstantSource.system(), new Random(), Thread::sleep);
  }

  /**
   * Returns a transport on another client, which it takes over.
   *
   * @param client gives TLS, proxies and name resolution; its timeouts, its handling of redirects
   *     and its pool of connections are replaced
   * @param random safe for use by many threads at once
   */
  public HttpTransport(
      OkHttpClient client,
      HttpSettings settings,
      InstantSource clock,
      RandomGenerator random,
      Sleeper sleeper) {
    this(() -> client, settings, clock, random, sleeper);
  }

  private HttpTransport(
      Supplier<OkHttpClient> client,
      HttpSettings settings,
      InstantSource clock,
      RandomGenerator random,
      Sleeper sleeper) {
    this(
        new Clients(() -> suited(client.get(), settings)),
        settings,
        clock,
        new HttpCounters(),
        random,
        sleeper);
  }

  private HttpTransport(
      Clients clients,
      HttpSettings settings,
      InstantSource clock,
      HttpCounters counters,
      RandomGenerator random,
      Sleeper sleeper) {
    this(
        clients,
        settings,
        clock,
        counters,
        new Retry(settings.deadline(), clock, random, sleeper, counters));
  }

  private HttpTransport(
      Clients clients,
      HttpSettings settings,
      InstantSource clock,
      HttpCounters counters,
      Retry retry) {
    this.clients = clients;
    this.settings = settings;
    this.clock = clock;
    this.counters = counters;
    this.retry = retry;
  }

  private static OkHttpClient suited(OkHttpClient client, HttpSettings settings) {
    return client
        .newBuilder()
        .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, 1, TimeUnit.MINUTES))
        .followRedirects(false)
        .followSslRedirects(false)
        .connectTimeout(settings.connectTimeout())
        .readTimeout(settings.readTimeout())
        .writeTimeout(settings.readTimeout())
        .build();
  }

  /**
   * Makes what the first request would otherwise wait for: reads the system's trusted certificates.
   */
  public void warm() {
    var _ = clients.usual();
  }

  /**
   * Returns a transport for servers that need something special. It shares this one's connections,
   * counters and policy of retries, and needs not to be closed.
   *
   * @param change sets TLS or the time for a connection; other changes are not meant
   * @param plainHttpHosts hosts that may be spoken to without TLS, besides those of the settings
   */
  public HttpTransport derive(Consumer<OkHttpClient.Builder> change, Set<String> plainHttpHosts) {
    Set<String> hosts = new HashSet<>(settings.plainHttpHosts());
    hosts.addAll(plainHttpHosts);
    Clients derived =
        new Clients(() -> {
          OkHttpClient.Builder builder = clients.usual().newBuilder();
          change.accept(builder);
          return builder.build();
        });
    return new HttpTransport(derived, settings.withPlainHttpHosts(hosts), clock, counters, retry);
  }

  public HttpSettings settings() {
    return settings;
  }

  /** Returns the policy that goes with the settings. */
  public Retry retry() {
    return retry;
  }

  /** Returns what has been done so far. */
  public HttpStatistics statistics() {
    return counters.snapshot();
  }

  /**
   * Sends a request once and returns the answer, whatever its status, which the caller closes. A
   * GET or HEAD follows redirects, and from the first that leads to another origin on with none of
   * the headers that may be secrets.
   *
   * @throws HttpException.Connection when there is no whole header of an answer
   * @throws HttpException.Protocol for a redirect that leads nowhere, in circles, or from TLS to a
   *     host that needs it
   * @throws InterruptedIOException when the thread is interrupted
   */
  public Answer send(Request request) throws IOException {
    Request current = requirePermitted(identity(request));
    for (int redirects = 0; ; redirects++) {
      Response response = exchange(current);
      boolean followed = request.method().equals("GET") || request.method().equals("HEAD");
      if (!followed || !REDIRECTS.contains(response.code())) {
        return new Answer(response, redirects > 0, counters, clock);
      }
      try (response) {
        if (redirects == MAX_REDIRECTS) {
          throw new HttpException.Protocol(request.url(), "more than 5 redirects");
        }
        current = redirected(current, response);
      }
    }
  }

  private Response exchange(Request request) throws IOException {
    counters.requests.increment();
    try {
      boolean upload = request.method().equals("PUT");
      return (upload ? clients.patient() : clients.usual()).newCall(request).execute();
    } catch (IOException e) {
      throw connectionFailure(request.url(), e);
    } catch (Exception e) {
      // OkHttp, being Kotlin, throws it undeclared when it waits for one of several addresses.
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
        throw connectionFailure(request.url(), new IOException("no connection yet", e));
      }
      throw e;
    }
  }

  private Request redirected(Request from, Response response) throws HttpException {
    String location = response.header("Location");
    HttpUrl target = location == null ? null : from.url().resolve(location);
    if (target == null) {
      throw new HttpException.Protocol(from.url(), "a redirect without a usable Location");
    }
    Request.Builder next = from.newBuilder().url(target);
    if (!sameOrigin(from.url(), target)) {
      from.headers().names().stream().filter(name -> !isHarmless(name)).forEach(next::removeHeader);
    }
    return requirePermitted(next.build());
  }

  private static boolean isHarmless(String header) {
    return HARMLESS_HEADERS.contains(header.toLowerCase(Locale.ROOT));
  }

  private Request requirePermitted(Request request) throws HttpException {
    HttpUrl url = request.url();
    if (!url.isHttps() && !settings.allowsPlainHttp(url.host(), url.port())) {
      throw new HttpException.Protocol(
          url, "refused, since only loopback and hosts configured for it are used without TLS");
    }
    return request;
  }

  // OkHttp would otherwise ask for gzip and unpack it, and lengths and digests would not hold.
  private static Request identity(Request request) {
    return request.newBuilder().header("Accept-Encoding", "identity").build();
  }

  /** Returns whether two addresses have the same scheme, host and port. */
  public static boolean sameOrigin(HttpUrl a, HttpUrl b) {
    return a.scheme().equals(b.scheme()) && a.host().equals(b.host()) && a.port() == b.port();
  }

  /** Returns what to throw for a failed connection: an interrupt is none, and not retried. */
  static IOException connectionFailure(HttpUrl url, IOException cause) {
    return Thread.currentThread().isInterrupted()
        ? (IOException) new InterruptedIOException("interrupted").initCause(cause)
        : new HttpException.Connection(url, cause);
  }

  /** Closes idle connections; requests that are under way go on. */
  @Override
  public void close() {
    clients.close();
  }
}
