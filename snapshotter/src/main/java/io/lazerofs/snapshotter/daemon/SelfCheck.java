package io.lazerofs.snapshotter.daemon;

import io.grpc.Status;
import io.grpc.StatusException;
import io.lazerofs.snapshotter.mount.FuseMount;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.proto.StatSnapshotRequest;
import io.lazerofs.snapshotter.rpc.SocketClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Whether a daemon is well: its socket answers as containerd would ask, and its mount answers.
 *
 * <p>The mount is not read from. A thread of this process that waited for its own mount would keep
 * {@code /dev/fuse} open, and the process alive, also after a SIGKILL. So the check is that each
 * request that was being answered is answered in time: that may take a disk, never a network.
 *
 * <p>For one thread at a time.
 */
final class SelfCheck {
  /** The name of no snapshot; to say so, a daemon has to look into its store. */
  private static final String NO_SNAPSHOT = "lazerofs self-check";

  /** How long the socket and the mount of a daemon that is well take to answer at most. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Path socket;
  private final BooleanSupplier mounted;
  private final Runnable quiesce;
  private final Executor executor;
  private final Duration patience;
  private CompletableFuture<Void> answered = CompletableFuture.completedFuture(null);

  /**
   * @param mounted whether the mount is served
   * @param quiesce returns when all that is being answered at the call was
   * @param executor runs {@code quiesce}, which may return late or never
   * @param patience how long either answer may take
   */
  SelfCheck(
      Path socket,
      BooleanSupplier mounted,
      Runnable quiesce,
      Executor executor,
      Duration patience) {
    this.socket = socket;
    this.mounted = mounted;
    this.quiesce = quiesce;
    this.executor = executor;
    this.patience = patience;
  }

  /** Checks a daemon that serves this socket and this mount. */
  SelfCheck(Path socket, FuseMount mount, Executor executor) {
    this(socket, mount::isServed, mount::quiesce, executor, PATIENCE);
  }

  /** Returns what is not well, or empty. Takes twice the patience at most. */
  Optional<String> trouble() {
    if (!mounted.getAsBoolean()) {
      return Optional.of("the mount is gone");
    }
    return mountTrouble().or(this::socketTrouble);
  }

  private Optional<String> mountTrouble() {
    if (answered.isDone()) {
      answered = CompletableFuture.runAsync(quiesce, executor);
    }
    try {
      answered.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return Optional.empty();
    } catch (TimeoutException e) {
      return Optional.of("a request on the mount is not answered");
    } catch (ExecutionException e) {
      return Optional.of("the mount cannot be asked: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  private Optional<String> socketTrouble() {
    try (SocketClient client = SocketClient.of("snapshotter", socket)) {
      var unexpected =
          SnapshotsGrpc.newBlockingV2Stub(client.channel())
              .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS)
              .stat(StatSnapshotRequest.newBuilder().setKey(NO_SNAPSHOT).build());
      return Optional.of("the socket knows a snapshot " + unexpected.getInfo().getName());
    } catch (StatusException e) {
      return e.getStatus().getCode() == Status.Code.NOT_FOUND
          ? Optional.empty()
          : Optional.of("the socket answers " + e.getStatus());
    } catch (IOException e) {
      return Optional.of("the socket does not answer: " + e.getMessage());
    }
  }
}
