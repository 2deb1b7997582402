package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.fuse.SessionState;
import io.lazerofs.fuse.sys.FuseDevice;
import io.lazerofs.it.tree.VectorFile;
import io.lazerofs.sys.HeldProcess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that leaves a mount with readers who wait, and another one that goes on with it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TakeOverIT {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int BLOCK = 4096;

  @TempDir Path temporary;
  private final MemoryFileSystem files = new MemoryFileSystem();
  private final ExecutorService users = Executors.newCachedThreadPool();
  private final ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor();
  private final byte[] bytes = new byte[100_000];
  private final GatedSource gated = new GatedSource(bytes);

  @SuppressWarnings("NullAway.Init") // set before each test
  private FuseServer first;

  @BeforeEach
  void serve() throws IOException {
    new Random(1).nextBytes(bytes);
    files.file(files.root(), "absent", gated);
    files.file(files.root(), "present", new ArraySource(bytes));
    first = FuseServer.mount(temporary.toRealPath(), files, FuseOptions.defaults(), waiters);
  }

  @AfterEach
  void leaveNothing() throws Exception {
    gated.close();
    users.shutdown();
    assertThat(users.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    waiters.shutdownNow();
    assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
        .doesNotContain(temporary.toString());
  }

  @Test
  void aReadThatWasNotAnsweredIsAnsweredByTheNextServer() throws Exception {
    FuseDevice kept = keep();
    Future<byte[]> reader = reader();
    assertThat(first.handOver(SOON)).isTrue();
    assertThat(first.isRunning()).isFalse();
    assertThat(reader.isDone()).isFalse();
    try (FuseServer next = takeOver(kept, first.state())) {
      assertThat(Files.readAllBytes(temporary.resolve("present"))).isEqualTo(bytes);
      gated.gate.countDown();
      assertThat(reader.get(20, TimeUnit.SECONDS)).isEqualTo(Arrays.copyOf(bytes, BLOCK));
      assertThat(next.requestsInFlight()).isZero();
    }
  }

  @Test
  void whereTheKernelDoesNotSendItAgainItFailsAndLaterReadsWork() throws Exception {
    FuseDevice kept = keep();
    Future<byte[]> reader = reader();
    assertThat(first.handOver(SOON)).isTrue();
    SessionState all = first.state();
    SessionState without = new SessionState(all.minor(), all.maxReadAhead(), 0, all.maxPages());
    gated.gate.countDown();
    try (FuseServer next = takeOver(kept, without)) {
      assertThat(Files.readAllBytes(temporary.resolve("present"))).isEqualTo(bytes);
      assertThat(reader)
          .failsWithin(SOON)
          .withThrowableOfType(ExecutionException.class)
          .withMessageContaining("errno 5");
      assertThat(Files.readAllBytes(temporary.resolve("absent"))).isEqualTo(bytes);
      assertThat(next.isRunning()).isTrue();
    }
  }

  /** Starts a reader, and returns when it waits for bytes. */
  private Future<byte[]> reader() {
    // A read through the page cache that fails ahead of its reader is made again, and succeeds.
    Future<byte[]> reader = users.submit(this::readDirectly);
    await().atMost(SOON).until(() -> gated.waiting.get() > 0);
    return reader;
  }

  private byte[] readDirectly() throws IOException {
    try (VectorFile file = VectorFile.open(temporary.resolve("absent").toString(), true);
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(BLOCK, BLOCK);
      assertThat(file.read(memory, 0)).isEqualTo(BLOCK);
      return memory.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Holds the device of the first server as a keeper does. */
  private FuseDevice keep() throws IOException {
    try (HeldProcess self = HeldProcess.of(ProcessHandle.current().pid())) {
      return FuseDevice.of(self.openFile(first.descriptor()));
    }
  }

  private FuseServer takeOver(FuseDevice device, SessionState state) throws IOException {
    return FuseServer.takeOver(
        temporary.toRealPath(), device, state, files, FuseOptions.defaults(), waiters);
  }
}
