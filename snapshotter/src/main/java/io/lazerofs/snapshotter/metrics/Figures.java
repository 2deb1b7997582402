package io.lazerofs.snapshotter.metrics;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.CacheStatistics;
import io.lazerofs.fetcher.http.HttpStatistics;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.fetcher.trace.AheadStatistics;
import io.lazerofs.fuse.RequestStatistics;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.snapshotter.mount.Fallbacks;
import io.lazerofs.snapshotter.mount.FuseMount;
import io.lazerofs.snapshotter.mount.LazyLayers;
import io.lazerofs.snapshotter.mount.SetAside;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The counters of all parts of a daemon, which it makes and hands out, and what they say at a time.
 * Asking waits for nothing. Safe for use by many threads.
 */
public final class Figures {
  private final String version;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final HttpTransport transport;
  private final Registries registries;
  private final LayerTable table;
  private final Fallbacks fallbacks = new Fallbacks();
  private final SetAside setAside = new SetAside();
  private final FetchStatistics fetches = new FetchStatistics();
  private final AheadStatistics ahead = new AheadStatistics();
  private volatile Optional<BlobCache> cache = Optional.empty();
  private volatile Optional<LazyLayers> layers = Optional.empty();
  private volatile Optional<FuseMount> mount = Optional.empty();

  /**
   * Makes counters that are all zero; the daemon begins now.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public Figures(
      String version,
      LongSupplier nanoTime,
      HttpTransport transport,
      Registries registries,
      LayerTable table) {
    this.version = version;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
    this.transport = transport;
    this.registries = registries;
    this.table = table;
  }

  /** Returns what counts the layers that are not served lazily. */
  public Fallbacks fallbacks() {
    return fallbacks;
  }

  /** Returns what lists all that cannot be used. */
  public SetAside setAside() {
    return setAside;
  }

  /** Returns what counts fetches of blobs. */
  public FetchStatistics fetches() {
    return fetches;
  }

  /** Returns what counts what is fetched before it is read. */
  public AheadStatistics ahead() {
    return ahead;
  }

  /** Says that there is a cache now. */
  public void of(BlobCache opened) {
    cache = Optional.of(opened);
  }

  /** Says that layers can be served now. */
  public void of(LazyLayers served) {
    layers = Optional.of(served);
  }

  /** Says that there is a mount now. */
  public void of(FuseMount mounted) {
    mount = Optional.of(mounted);
  }

  /** Returns the figures of the moment, as the socket gives them. */
  public StatisticsResponse statistics() {
    HttpStatistics http = transport.statistics();
    FetchStatistics.Snapshot fetched = fetches.snapshot();
    CacheStatistics kept = kept();
    return StatisticsResponse.newBuilder()
        .setPid(ProcessHandle.current().pid())
        .setVersion(version)
        .setUptimeSeconds(uptime().toSeconds())
        .setBytesFetched(http.bodyBytes())
        .setRequests(http.requests())
        .setLayers(table.layers().size())
        .setPresentBytes(kept.presentBytes())
        .setTotalBytes(kept.totalBytes())
        .setReaders(readers())
        .setErrors(answered().errors())
        .putAllFallbacks(fallbacks.counts())
        .setUnverifiedLayers(unverified())
        .setCacheBytes(kept.usedBytes())
        .setCacheMaxBytes(kept.maxBytes())
        .setEvictedBytes(kept.evictedBytes())
        .setPassThroughBytes(kept.passThroughBytes())
        .setRetries(http.retries())
        .putAllSources(registries.sources())
        .setPageCacheFallbacks(fetched.pageCacheFallbacks())
        .setPrefetchedBytes(ahead.prefetchedBytes())
        .setBackgroundBytes(ahead.backgroundBytes())
        .setPrefetchFailures(ahead.failures())
        .setVerificationFailures(fetched.verificationFailures())
        .addAllSetAside(setAside.lines())
        .build();
  }

  /** Returns what was done, in a few words. */
  public String summary() {
    HttpStatistics http = transport.statistics();
    return "%d bytes in %d requests, not lazy: %s"
        .formatted(http.bodyBytes(), http.requests(), fallbacks.counts());
  }

  String version() {
    return version;
  }

  Duration uptime() {
    return Duration.ofNanos(nanoTime.getAsLong() - startNanos);
  }

  /** Returns how many requests of readers are under way. */
  int readers() {
    return mount.map(FuseMount::requestsInFlight).orElse(0);
  }

  RequestStatistics.Snapshot answered() {
    return mount.map(FuseMount::statistics).orElse(RequestStatistics.Snapshot.NONE);
  }

  CacheStatistics kept() {
    return cache.map(BlobCache::statistics).orElse(CacheStatistics.NONE);
  }

  int unverified() {
    return layers.map(LazyLayers::unverified).orElse(0);
  }

  int openLayers() {
    return table.layers().size();
  }

  HttpTransport transport() {
    return transport;
  }

  Registries registries() {
    return registries;
  }
}
