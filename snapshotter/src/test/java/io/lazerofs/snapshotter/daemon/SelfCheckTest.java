package io.lazerofs.snapshotter.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.proto.StatSnapshotRequest;
import io.lazerofs.snapshotter.proto.StatSnapshotResponse;
import io.lazerofs.snapshotter.service.SocketServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfCheckTest {
  /** Longer than an answer takes on a machine that does much else. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Duration SHORT = Duration.ofMillis(200);

  @TempDir private Path directory;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicBoolean mounted = new AtomicBoolean(true);
  private volatile Optional<Status> answer = Optional.of(Status.NOT_FOUND);
  private SocketServer server;

  @BeforeEach
  void serve() throws IOException {
    server = SocketServer.start(socket(), List.of(new Store()));
  }

  @AfterEach
  void close() throws IOException {
    server.close(Duration.ZERO);
    threads.shutdownNow();
  }

  /** A store that is asked for one snapshot, and answers or not. */
  private final class Store extends SnapshotsGrpc.SnapshotsImplBase {
    @Override
    public void stat(StatSnapshotRequest request, StreamObserver<StatSnapshotResponse> observer) {
      answer.ifPresent(status -> observer.onError(status.asException()));
    }
  }

  private Path socket() {
    return directory.resolve("s");
  }

  private SelfCheck check(Runnable quiesce, Duration patience) {
    return new SelfCheck(socket(), mounted::get, quiesce, threads, patience);
  }

  @Test
  void aDaemonWhoseSocketAndMountAnswerIsWell() {
    assertThat(check(() -> {}, PATIENCE).trouble()).isEmpty();
  }

  @Test
  void aMountThatIsGoneIsTrouble() {
    mounted.set(false);
    assertThat(check(() -> {}, PATIENCE).trouble()).contains("the mount is gone");
  }

  @Test
  void aRequestThatIsNotAnsweredIsTroubleUntilItIsAndIsWaitedForOnce() {
    var answered = new CountDownLatch(1);
    var waits = new AtomicInteger();
    SelfCheck check =
        check(
            () -> {
              waits.incrementAndGet();
              awaitUninterrupted(answered);
            },
            SHORT);
    assertThat(check.trouble()).contains("a request on the mount is not answered");
    assertThat(check.trouble()).contains("a request on the mount is not answered");
    assertThat(waits).hasValue(1);
    answered.countDown();
    SelfCheck patient = check(() -> awaitUninterrupted(answered), PATIENCE);
    assertThat(patient.trouble()).isEmpty();
  }

  @Test
  void aSocketThatIsGoneHangsOrAnswersSomethingElseIsTrouble() throws IOException {
    answer = Optional.of(Status.UNAVAILABLE.withDescription("the daemon cannot start"));
    assertThat(check(() -> {}, PATIENCE).trouble().orElseThrow())
        .startsWith("the socket answers ")
        .contains("the daemon cannot start");
    answer = Optional.empty();
    assertThat(check(() -> {}, SHORT).trouble().orElseThrow()).contains("DEADLINE_EXCEEDED");
    server.close(Duration.ZERO);
    assertThat(check(() -> {}, PATIENCE).trouble().orElseThrow()).contains("does not answer");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
