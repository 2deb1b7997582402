package io.lazerofs.snapshotter.cli;

import io.grpc.StatusException;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.proto.DaemonGrpc;
import io.lazerofs.snapshotter.proto.StatisticsRequest;
import io.lazerofs.snapshotter.proto.StopRequest;
import io.lazerofs.snapshotter.rpc.SocketClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lazerofs snapshotter stop}: the end of a running snapshotter. */
@Command(
    name = "stop",
    description =
        "Stop the running snapshotter; returns when it has ended. Its mount goes, and what still"
            + " reads from it fails, unless it is kept.")
final class StopCommand implements Callable<Integer> {
  private static final long ANSWER_SECONDS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @ArgGroup private @Nullable ServerOptions server;

  @Option(
      names = "--keep-mounts",
      description =
          "Leave the mount to a keeper: containers live on, and what they read waits for the next"
              + " snapshotter.")
  private boolean keepMounts;

  @SuppressWarnings("NullAway.Init") // options are set by picocli
  StopCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException, InterruptedException {
    try (SocketClient client = SocketClient.of("snapshotter", ServerOptions.socket(server))) {
      CompletableFuture<ProcessHandle> end = stop(client);
      end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return 0;
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException("it was told to stop, and runs still", e);
    }
  }

  private CompletableFuture<ProcessHandle> stop(SocketClient client) throws IOException {
    try {
      DaemonGrpc.DaemonBlockingV2Stub daemon =
          DaemonGrpc.newBlockingV2Stub(client.channel())
              .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS);
      long pid = daemon.statistics(StatisticsRequest.getDefaultInstance()).getPid();
      CompletableFuture<ProcessHandle> end =
          ProcessHandle.of(pid)
              .map(ProcessHandle::onExit)
              .orElseThrow(() -> new IOException("process " + pid + " is not on this machine"));
      var unused = daemon.stop(StopRequest.newBuilder().setKeepMounts(keepMounts).build());
      return end;
    } catch (StatusException e) {
      throw client.failure("stopping it", e);
    }
  }
}
