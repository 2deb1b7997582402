package io.lazerofs.snapshotter.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.StatusException;
import io.lazerofs.snapshotter.daemon.Configuration;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.snapshotter.proto.DaemonGrpc;
import io.lazerofs.snapshotter.proto.StatisticsRequest;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import io.lazerofs.snapshotter.rpc.SocketClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
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

  /** Says where the daemon listens. */
  static final class Server {
    @Option(
        names = "--address",
        paramLabel = "SOCKET",
        description = "The snapshotter's socket (default: that of the default configuration).")
    private @Nullable Path address;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "The snapshotter's configuration, which names its socket.")
    private @Nullable Path config;

    Path socket() throws IOException, ConfigurationException {
      if (address != null) {
        return address;
      }
      return config == null ? Configuration.DEFAULT_ADDRESS : Configuration.read(config).address();
    }
  }

  @ArgGroup private @Nullable Server server;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  StatusCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException {
    Path socket = (server == null ? new Server() : server).socket();
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
            .put("unverified_layers", statistics.getUnverifiedLayers());
    ObjectNode fallbacks = object.putObject("fallbacks");
    statistics.getFallbacksMap().forEach(fallbacks::put);
    return object.toString();
  }

  private static String toText(StatisticsResponse statistics) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        snapshotter   version %s, process %d
        fetched       %s in %d requests
        layers        %d mounted\
        """
            .formatted(
                statistics.getVersion(),
                statistics.getPid(),
                Sizes.text(statistics.getBytesFetched()),
                statistics.getRequests(),
                statistics.getLayers()));
    statistics
        .getFallbacksMap()
        .forEach((reason, count) -> text.append("\nnot lazily    %d: %s".formatted(count, reason)));
    if (statistics.getUnverifiedLayers() > 0) {
      text.append(
          "\nunverified    %d layers have no hash tree and are not complete"
              .formatted(statistics.getUnverifiedLayers()));
    }
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
    return text.toString();
  }
}
