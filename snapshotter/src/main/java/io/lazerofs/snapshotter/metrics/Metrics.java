package io.lazerofs.snapshotter.metrics;

import io.lazerofs.fetcher.cache.CacheStatistics;
import io.lazerofs.fetcher.http.HttpStatistics;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fuse.RequestStatistics;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.Map;
import java.util.TreeMap;

/** The metrics of a daemon: its figures under the names that Prometheus knows them by. */
final class Metrics {
  private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();

  private Metrics() {}

  /** Returns the page of the moment. */
  static String page(Figures figures) {
    Exposition page = new Exposition();
    page.info("lazerofs_build_info", "The version that runs.", "version", figures.version());
    page.gauge(
        "lazerofs_uptime_seconds", "Since the daemon started.", figures.uptime().toSeconds());
    reads(page, figures.answered(), figures.readers());
    fetches(page, figures);
    cache(page, figures.kept());
    layers(page, figures);
    ahead(page, figures);
    memory(page);
    return page.toString();
  }

  private static void reads(Exposition page, RequestStatistics.Snapshot answered, int underWay) {
    page.latencies(
        "lazerofs_read_seconds",
        "How long READs of the kernel took to answer: hit, all bytes were here; miss, some came.",
        "result",
        Map.of("hit", answered.hits(), "miss", answered.misses()));
    page.counters(
        "lazerofs_read_bytes_total",
        "Bytes in the answers to READs.",
        "result",
        Map.of("hit", answered.hitBytes(), "miss", answered.missBytes()));
    page.counters(
        "lazerofs_read_errors_total",
        "READs that ended in an errno.",
        "errno",
        new TreeMap<>(answered.readErrors()));
    page.counter(
        "lazerofs_metadata_errors_total",
        "Other requests of the kernel that ended in EIO.",
        answered.metadataErrors());
    page.gauge("lazerofs_readers", "Requests of the kernel that are under way.", underWay);
  }

  private static void fetches(Exposition page, Figures figures) {
    FetchStatistics.Snapshot fetched = figures.fetches().snapshot();
    HttpStatistics http = figures.transport().statistics();
    page.counter("lazerofs_fills_total", "Ranges asked of registries.", fetched.requests());
    page.counter(
        "lazerofs_fill_failures_total", "Ranges that no host gave.", fetched.failedRequests());
    page.counters(
        "lazerofs_fetched_bytes_total",
        "Bytes of blobs that came, by the host that was asked.",
        "host",
        figures.registries().blobBytes());
    page.counter("lazerofs_http_requests_total", "Requests to registries.", http.requests());
    page.counter(
        "lazerofs_retries_total", "Requests that failed and were made again.", http.retries());
    Map<String, Long> hosts = new TreeMap<>();
    figures
        .registries()
        .sources()
        .forEach((host, state) -> hosts.put(host, state.equals("ok") ? 1L : 0L));
    page.gauges("lazerofs_host_up", "1 while a host answers, 0 while it fails.", "host", hosts);
    page.counter(
        "lazerofs_verification_failures_total",
        "Blocks whose bytes were wrong; none was served.",
        fetched.verificationFailures());
    page.counter(
        "lazerofs_page_cache_fallbacks_total",
        "Reads that were to come from the device, and could not.",
        fetched.pageCacheFallbacks());
  }

  private static void cache(Exposition page, CacheStatistics kept) {
    page.gauge("lazerofs_cache_bytes", "Bytes of disk that blobs take.", kept.usedBytes());
    page.gauge("lazerofs_cache_max_bytes", "The most that they may take.", kept.maxBytes());
    page.counter("lazerofs_evicted_bytes_total", "Bytes given back.", kept.evictedBytes());
    page.counter(
        "lazerofs_pass_through_bytes_total",
        "Bytes that came and were not kept: the disk failed or was full.",
        kept.passThroughBytes());
    page.gauge("lazerofs_present_bytes", "Bytes of open blobs that are here.", kept.presentBytes());
    page.gauge("lazerofs_total_bytes", "All bytes of open blobs.", kept.totalBytes());
  }

  private static void layers(Exposition page, Figures figures) {
    page.gauge("lazerofs_open_layers", "Layers in the mount.", figures.openLayers());
    page.gauge(
        "lazerofs_unverified_layers",
        "Those without a hash tree that are not complete.",
        figures.unverified());
    page.counters(
        "lazerofs_fallbacks_total",
        "Layers that were not served lazily.",
        "reason",
        figures.fallbacks().counts());
  }

  private static void ahead(Exposition page, Figures figures) {
    page.counters(
        "lazerofs_ahead_bytes_total",
        "Bytes that were fetched before they were read: for a start, or while nobody read.",
        "kind",
        Map.of(
            "start",
            figures.ahead().prefetchedBytes(),
            "background",
            figures.ahead().backgroundBytes()));
    page.counter(
        "lazerofs_ahead_failures_total",
        "Ranges that could not be fetched ahead.",
        figures.ahead().failures());
  }

  private static void memory(Exposition page) {
    page.gauges(
        "lazerofs_jvm_memory_bytes",
        "Memory that the JVM uses, by its area.",
        "area",
        Map.of(
            "heap",
            MEMORY.getHeapMemoryUsage().getUsed(),
            "nonheap",
            MEMORY.getNonHeapMemoryUsage().getUsed()));
    page.gauge(
        "lazerofs_jvm_heap_max_bytes", "The most heap.", MEMORY.getHeapMemoryUsage().getMax());
  }
}
