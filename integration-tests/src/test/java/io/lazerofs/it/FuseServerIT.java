package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The server of its own that speaks to the kernel itself. */
final class FuseServerIT extends ServerContract<FuseServer> {
  private static final int WORKERS = 2;

  private final ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor();

  @Override
  FuseServer mount(Path mountPoint, FuseOptions options) throws IOException {
    return FuseServer.mount(mountPoint, files, options.withWorkers(WORKERS), waiters);
  }

  @Override
  void assertNothingHeld() throws Exception {
    waiters.shutdown();
    assertThat(waiters.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(server.isRunning()).isFalse();
    assertThat(server.requestsInFlight()).isZero();
    assertThat(server.replyBuffersOut()).isZero();
  }

  @Test
  void readsAheadOneMebibyte() throws IOException {
    String device = MountTable.below(temporary).getFirst().split(" ", -1)[2];
    assertThat(Path.of("/sys/class/bdi", device, "read_ahead_kb")).hasContent("1024");
  }

  @Test
  void directReadsAskEachTimeAndGetTheWholeOfLargeOnes() throws IOException {
    byte[] content = random(5 << 20, 3);
    files.file(files.root(), "file", new ArraySource(content));
    byte[] got = new byte[content.length];
    try (NativeFile file =
        NativeFile.open(dir().resolve("file"), NativeFile.O_RDONLY | NativeFile.O_DIRECT)) {
      assertThat(file.read(0, content.length, 0, got)).isEqualTo(content.length);
      assertThat(got).isEqualTo(content);
      int reads = files.reads.get();
      assertThat(file.read(4096, 4096, 0, got)).isEqualTo(4096);
      assertThat(files.reads).hasValue(reads + 1);
    }
  }

  @Test
  void A4_failingPartFailsTheWholeOfALargeDirectRead() throws Exception {
    byte[] content = new byte[4 << 20];
    files.file(files.root(), "bad", new FailingSource(content, 2 << 20));
    byte[] got = new byte[content.length];
    try (NativeFile file =
        NativeFile.open(dir().resolve("bad"), NativeFile.O_RDONLY | NativeFile.O_DIRECT)) {
      assertThat(file.read(0, content.length, 0, got)).isEqualTo(-NativeFile.EIO);
      assertThat(file.read(0, 1 << 20, 0, got)).isEqualTo(1 << 20);
    }
  }

  @Test
  void listsAHundredThousandNames() throws IOException {
    var big = files.directory(files.root(), "big");
    var empty = new ArraySource(new byte[0]);
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      String name = "name-" + i + "x".repeat(i % 40);
      files.file(big, name, empty);
      expected.add(name);
    }
    String[] names = dir().resolve("big").toFile().list();
    assertThat(names).hasSize(100_000);
    assertThat(Set.of(names)).isEqualTo(expected);
  }

  @Test
  void findsHolesAndData() {
    var node = files.file(files.root(), "sparse", new ArraySource(new byte[20_000]));
    node.holeEnd = 8192;
    try (NativeFile file = NativeFile.open(dir().resolve("sparse"), NativeFile.O_RDONLY)) {
      assertThat(file.seekData(0)).isEqualTo(8192);
      assertThat(file.seekData(9000)).isEqualTo(9000);
      assertThat(file.seekHole(100)).isEqualTo(100);
      assertThat(file.seekHole(9000)).isEqualTo(20_000);
      assertThat(file.seekData(20_000)).isEqualTo(-NativeFile.ENXIO);
    }
  }

  @Test
  void unmountLetsAReadThatIsUnderWayEnd() throws Exception {
    byte[] content = random(1 << 20, 10);
    GatedSource absent = gated(content);
    files.file(files.root(), "absent", absent);
    Future<byte[]> reader = users.submit(() -> direct(dir().resolve("absent"), 0, content.length));
    await().until(() -> absent.waiting.get() > 0);

    Command.run(temporary, "umount", "-l", dir().toString());
    assertThat(server.awaitIdle(Duration.ofMillis(50))).isFalse();
    absent.gate.countDown();
    assertThat(reader.get()).isEqualTo(content);
    assertThat(server.awaitIdle(Duration.ofSeconds(20))).isTrue();
    server.awaitEnd();
  }

  @Test
  void abortEndsReadersThatWaitAndWaitsForNoFill() throws Exception {
    GatedSource absent = gated(new byte[64 * 4096]);
    files.file(files.root(), "absent", absent);
    List<Future<Long>> readers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      long offset = i * 4096L;
      int flags = NativeFile.O_RDONLY | (i % 2 == 0 ? NativeFile.O_DIRECT : 0);
      readers.add(
          users.submit(() -> {
            try (NativeFile file = NativeFile.open(dir().resolve("absent"), flags)) {
              return file.read(offset, 4096, 0, new byte[4096]);
            }
          }));
    }
    // Buffered reads may wait for a page that another one waits for already.
    await().until(() -> absent.waiting.get() >= 10);

    server.abort();
    for (Future<Long> reader : readers) {
      assertThat(reader.get(10, TimeUnit.SECONDS)).isNegative();
    }
    server.awaitEnd();
    assertThat(MountTable.below(temporary)).isEmpty();
    assertThat(absent.gate.getCount()).isEqualTo(1);
    server.abort();
  }

  @Test
  void abortEndsASessionThatIsDetached() throws Exception {
    GatedSource absent = gated(new byte[4096]);
    files.file(files.root(), "absent", absent);
    Future<Long> reader =
        users.submit(() -> {
          try (NativeFile file = NativeFile.open(dir().resolve("absent"), NativeFile.O_RDONLY)) {
            return file.read(0, 4096, 0, new byte[4096]);
          }
        });
    await().until(() -> absent.waiting.get() > 0);
    server.close();
    assertThat(server.isRunning()).isTrue();
    server.abort();
    assertThat(reader.get(10, TimeUnit.SECONDS)).isNegative();
    assertThat(server.isRunning()).isFalse();
  }

  @Test
  void jvmThatDeniesNativeAccessNamesTheFlag() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=deny",
                "-cp",
                System.getProperty("java.class.path"),
                MountsOnce.class.getName(),
                temporary.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(process.getInputStream().readAllBytes())
        .asString()
        .contains("MountException")
        .contains("--enable-native-access=ALL-UNNAMED");
    assertThat(process.waitFor()).isEqualTo(1);
  }

  /** Mounts an empty file system on the directory that it is given, in a JVM of its own. */
  static final class MountsOnce {
    private MountsOnce() {}

    public static void main(String[] arguments) throws IOException {
      FuseServer.mount(
              Path.of(arguments[0]),
              new MemoryFileSystem(),
              FuseOptions.defaults(),
              Executors.newVirtualThreadPerTaskExecutor())
          .close();
    }
  }
}
