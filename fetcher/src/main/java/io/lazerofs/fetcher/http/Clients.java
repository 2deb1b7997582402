package io.lazerofs.fetcher.http;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/**
 * The OkHttp clients of a transport, made when they are first needed: reading the system's trusted
 * certificates takes longer than all else that a process does before it serves. Safe for use by
 * many threads.
 */
final class Clients {
  /** A server answers an upload when it has stored it, which may take long and sends no bytes. */
  private static final Duration STORE_TIMEOUT = Duration.ofMinutes(5);

  /**
   * @param usual for all requests but uploads
   * @param patient for uploads
   */
  private record Pair(OkHttpClient usual, OkHttpClient patient) {}

  private final Supplier<OkHttpClient> maker;
  private volatile Optional<Pair> made = Optional.empty();

  Clients(Supplier<OkHttpClient> maker) {
    this.maker = maker;
  }

  OkHttpClient usual() {
    return pair().usual;
  }

  OkHttpClient patient() {
    return pair().patient;
  }

  /** Closes idle connections; requests that are under way go on. */
  void close() {
    made.ifPresent(pair -> {
      pair.usual.dispatcher().executorService().shutdown();
      pair.usual.connectionPool().evictAll();
    });
  }

  private Pair pair() {
    return made.orElseGet(this::make);
  }

  private synchronized Pair make() {
    if (made.isEmpty()) {
      OkHttpClient usual = maker.get();
      made = Optional.of(new Pair(usual, usual.newBuilder().readTimeout(STORE_TIMEOUT).build()));
    }
    return made.orElseThrow();
  }
}
