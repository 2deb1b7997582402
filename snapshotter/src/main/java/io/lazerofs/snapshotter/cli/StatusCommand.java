package io.lazerofs.snapshotter.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.StatusException;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.snapshotter.proto.DaemonGrpc;
import io.lazerofs.snapshotter.proto.StatisticsRequest;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import io.lazerofs.snapshotter.rpc.SocketClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lazerofs status}: what the running snapshotter has done. */
@Command(name = "status", description = "Show what the running snapshotter has fetched and serves.")
final class StatusCommand implements Callable<Integer> {
  private static final long ANSWER_SECONDS = 10;

  @ArgGroup private @Nullable ServerOptions server;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  StatusCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException {
    Path socket = ServerOptions.socket(server);
    PrintWriter out = spec.commandLine().getOut();
    try (SocketClient client = SocketClient.of("snapshotter", socket)) {
      StatisticsResponse statistics = ask(client);
      out.println(json ? toJson(statistics) : toText(statistics));
      return 0;
    }
  }

  private static StatisticsResponse ask(SocketClient client) throws IOException {
    try {
      return DaemonGrpc.newBlockingV2Stub(client.channel())
          .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
          .statistics(StatisticsRequest.getDefaultInstance());
    } catch (StatusException e) {
      throw client.failure("asking for its statistics", e);
    }
  }

  private static String toJson(StatisticsResponse statistics) {
    ObjectNode object =
        new ObjectMapper()
            .createObjectNode()
            .put("pid", statistics.getPid())
            .put("version", statistics.getVersion())
            .put("bytes_fetched", statistics.getBytesFetched())
            .put("requests", statistics.getRequests())
            .put("layers", statistics.getLayers())
            .put("page_cache_fallbacks", statistics.getPageCacheFallbacks())
            .put("verification_failures", statistics.getVerificationFailures())
            .put("unverified_layers", statistics.getUnverifiedLayers())
            .put("prefetched_bytes", statistics.getPrefetchedBytes())
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

  private static String toText(StatisticsResponse statistics) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        snapshotter   version %s, process %d
        fetched       %s in %d requests
        layers        %d mounted
        cache         %s of at most %s, %s evicted\
        """
            .formatted(
                statistics.getVersion(),
                statistics.getPid(),
                Sizes.text(statistics.getBytesFetched()),
                statistics.getRequests(),
                statistics.getLayers(),
                Sizes.text(statistics.getCacheBytes()),
                Sizes.text(statistics.getCacheMaxBytes()),
                Sizes.text(statistics.getEvictedBytes())));
    if (statistics.getPrefetchedBytes() > 0) {
      text.append(
          "\nahead         %s for starting containers"
              .formatted(Sizes.text(statistics.getPrefetchedBytes())));
    }
    if (statistics.getBackgroundBytes() > 0) {
      text.append(
          "\nbackground    %s while nobody read"
              .formatted(Sizes.text(statistics.getBackgroundBytes())));
    }
    statistics
        .getFallbacksMap()
        .forEach((reason, count) -> text.append("\nnot lazily    %d: %s".formatted(count, reason)));
    if (statistics.getUnverifiedLayers() > 0) {
      text.append(
          "\nunverified    %d layers have no hash tree and are not complete"
              .formatted(statistics.getUnverifiedLayers()));
    }
    if (statistics.getPassThroughBytes() > 0) {
      text.append(
          "\nnot kept      %s were fetched while the cache's disk failed or was full"
              .formatted(Sizes.text(statistics.getPassThroughBytes())));
    }
    if (statistics.getRetries() > 0) {
      text.append("\nretries       %d".formatted(statistics.getRetries()));
    }
    new TreeMap<>(statistics.getSourcesMap())
        .forEach((host, state) -> text.append("\nsource        %s: %s".formatted(host, state)));
    if (statistics.getPageCacheFallbacks() > 0) {
      text.append(
          "\nnot direct    %d reads went through the page cache of the blobs, not to the device"
              .formatted(statistics.getPageCacheFallbacks()));
    }
    if (statistics.getVerificationFailures() > 0) {
      text.append(
          "\nwrong bytes   %d blocks were not those of their layer's hash tree, and were refused"
              .formatted(statistics.getVerificationFailures()));
    }
    statistics.getSetAsideList().forEach(line -> text.append("\nset aside     ").append(line));
    return text.toString();
  }
}
