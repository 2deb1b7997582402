package io.lazerofs.snapshotter.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import java.util.TreeMap;

/** What a daemon says of itself as a line of JSON, for programs: keys may be added, none go. */
final class StatusJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private StatusJson() {}

  static String of(StatisticsResponse statistics) {
    ObjectNode object =
        MAPPER
            .createObjectNode()
            .put("pid", statistics.getPid())
            .put("version", statistics.getVersion())
            .put("uptime_seconds", statistics.getUptimeSeconds())
            .put("bytes_fetched", statistics.getBytesFetched())
            .put("requests", statistics.getRequests())
            .put("layers", statistics.getLayers())
            .put("present_bytes", statistics.getPresentBytes())
            .put("total_bytes", statistics.getTotalBytes())
            .put("readers", statistics.getReaders())
            .put("errors", statistics.getErrors())
            .put("page_cache_fallbacks", statistics.getPageCacheFallbacks())
            .put("verification_failures", statistics.getVerificationFailures())
            .put("unverified_layers", statistics.getUnverifiedLayers())
            .put("prefetched_bytes", statistics.getPrefetchedBytes())
            .put("prefetch_failures", statistics.getPrefetchFailures())
            .put("background_bytes", statistics.getBackgroundBytes())
            .put("cache_bytes", statistics.getCacheBytes())
            .put("cache_max_bytes", statistics.getCacheMaxBytes())
            .put("evicted_bytes", statistics.getEvictedBytes())
            .put("pass_through_bytes", statistics.getPassThroughBytes())
            .put("retries", statistics.getRetries());
    ObjectNode fallbacks = object.putObject("fallbacks");
    statistics.getFallbacksMap().forEach(fallbacks::put);
    ObjectNode sources = object.putObject("sources");
    new TreeMap<>(statistics.getSourcesMap()).forEach(sources::put);
    ArrayNode setAside = object.putArray("set_aside");
    statistics.getSetAsideList().forEach(setAside::add);
    return object.toString();
  }
}
