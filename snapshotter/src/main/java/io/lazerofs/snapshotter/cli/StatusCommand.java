package io.lazerofs.snapshotter.cli;

import io.grpc.StatusException;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.proto.DaemonGrpc;
import io.lazerofs.snapshotter.proto.HealthRequest;
import io.lazerofs.snapshotter.proto.HealthResponse;
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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lazerofs status}: what the running snapshotter has done. */
@Command(
    name = "status",
    description =
        "Show what the running snapshotter has fetched and serves, its cache, and how its"
            + " registries do.")
final class StatusCommand implements Callable<Integer> {
  private static final long ANSWER_SECONDS = 10;
  private static final int FAILURE = 1;

  @ArgGroup private @Nullable ServerOptions server;

  @Option(names = "--json", description = "Print one JSON object, in one line.")
  private boolean json;

  @Option(names = "--watch", description = "Print again and again, until it is interrupted.")
  private boolean watch;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "1",
      description = "How often with --watch (default: ${DEFAULT-VALUE}).")
  private int interval;

  @Option(
      names = "--ready",
      description =
          "Print nothing of that: exit with 0 when the mount answers and calls are served, else"
              + " with 1 and the reason.")
  private boolean ready;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  StatusCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException, InterruptedException {
    if (interval < 1) {
      throw new ParameterException(spec.commandLine(), "--interval is at least 1");
    }
    Path socket = ServerOptions.socket(server);
    try (SocketClient client = SocketClient.of("snapshotter", socket)) {
      if (ready) {
        return tellReady(client);
      }
      print(ask(client));
      while (watch) {
        TimeUnit.SECONDS.sleep(interval);
        print(ask(client));
      }
      return 0;
    }
  }

  private void print(StatisticsResponse statistics) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? StatusJson.of(statistics) : StatusText.of(statistics));
    if (watch && !json) {
      out.println();
    }
    out.flush();
  }

  private int tellReady(SocketClient client) throws IOException {
    HealthResponse.State state;
    try {
      state = stub(client).health(HealthRequest.getDefaultInstance()).getState();
    } catch (StatusException e) {
      throw client.failure("asking whether it is ready", e);
    }
    return switch (state) {
      case READY -> 0;
      case STARTING -> notReady("the snapshotter starts, and serves no calls yet");
      case HUNG -> notReady("the snapshotter's mount does not answer");
      case STATE_UNSPECIFIED, UNRECOGNIZED -> notReady("the snapshotter is of another version");
    };
  }

  private int notReady(String reason) {
    spec.commandLine().getErr().println("lazerofs: " + reason);
    return FAILURE;
  }

  private static StatisticsResponse ask(SocketClient client) throws IOException {
    try {
      return stub(client).statistics(StatisticsRequest.getDefaultInstance());
    } catch (StatusException e) {
      throw client.failure("asking for its statistics", e);
    }
  }

  private static DaemonGrpc.DaemonBlockingV2Stub stub(SocketClient client) {
    return DaemonGrpc.newBlockingV2Stub(client.channel())
        .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS);
  }
}
