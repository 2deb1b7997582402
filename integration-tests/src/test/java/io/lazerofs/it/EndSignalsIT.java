package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Service;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** SIGTERM to processes that serve a reader which waits for a registry that does not answer. */
final class EndSignalsIT {
  private static final Pattern MOUNTED = Pattern.compile("is mounted on");
  private static final Pattern STOPPING = Pattern.compile("stopping");
  private static final int MEBIBYTE = 1 << 20;

  /** What the reader reads, in mebibytes; the start of the file may come with metadata. */
  private static final int SKIPPED = 12;

  /** 128 and the number of SIGTERM. */
  private static final int ABORTED = 143;

  private static final Duration AT_ONCE = Duration.ofSeconds(8);

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static byte[] data;

  @BeforeAll
  static void push() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    data = new byte[(SKIPPED + 2) * MEBIBYTE];
    new Random(21).nextBytes(data);
    Path layout =
        OciImages.layout(
            stage.dir().resolve("image"),
            OciImages.busybox(),
            new TarLayer().file("data", data).tar());
    registry.push(layout, "end:plain");
    stage.convert(reference("plain"), reference("erofs"), "oci").ok();
  }

  @AfterEach
  void thaw() throws IOException, InterruptedException {
    registry.thaw();
  }

  @Test
  void theFirstSignalLetsAReadThatIsUnderWayEnd() throws Exception {
    Path point = Files.createDirectory(stage.dir().resolve("drained"));
    Service mount = mount(point);
    registry.freeze();
    Path copy = stage.dir().resolve("copy");
    Service reader = read(point, copy);

    mount.terminate();
    awaitUnmounted(point);
    assertThat(reader.process().isAlive()).isTrue();
    registry.thaw();

    assertThat(reader.awaitEnd()).as(reader.log()).isZero();
    assertThat(copy)
        .hasBinaryContent(Arrays.copyOfRange(data, SKIPPED * MEBIBYTE, (SKIPPED + 1) * MEBIBYTE));
    assertThat(mount.awaitEnd()).as(mount.log()).isZero();
    assertNothingLeft(point);
  }

  @Test
  void theSecondSignalAbortsAReaderThatHangs() throws Exception {
    Path point = Files.createDirectory(stage.dir().resolve("aborted"));
    Service mount = mount(point);
    registry.freeze();
    Service reader = read(point, Path.of("/dev/null"));

    mount.terminate();
    awaitUnmounted(point);
    assertThat(mount.process().isAlive()).isTrue();
    long begin = System.nanoTime();
    mount.terminate();

    assertThat(mount.awaitEnd()).as(mount.log()).isEqualTo(ABORTED);
    assertThat(System.nanoTime() - begin).isLessThan(AT_ONCE.toNanos());
    assertThat(reader.awaitEnd()).as(reader.log()).isEqualTo(1);
    assertThat(reader.log()).containsPattern("error reading|Transport|abort|not connected");
    assertNothingLeft(point);
  }

  @Test
  void aDaemonIsAbortedToo() throws Exception {
    try (Daemon daemon = Daemon.start(stage);
        Containerd containerd = Containerd.start(stage, daemon.socket())) {
      containerd.pullLazily(reference("erofs")).ok();
      registry.freeze();
      // The upper one of the two layers; the one below has no such file.
      Service reader = read(daemon.root().resolve("fs/2"), Path.of("/dev/null"));

      Service service = daemon.service();
      service.terminate();
      // Two signals of a kind are one until the first is taken.
      service.awaitLog(STOPPING);
      long begin = System.nanoTime();
      service.terminate();
      assertThat(service.awaitEnd()).as(service.log()).isEqualTo(ABORTED);
      assertThat(System.nanoTime() - begin).isLessThan(AT_ONCE.toNanos());
      assertThat(reader.awaitEnd()).as(reader.log()).isEqualTo(1);
      assertThat(MountTable.below(stage.dir())).noneMatch(line -> line.contains("fuse.lazerofs"));
    }
  }

  private static Service mount(Path point) throws IOException {
    Service mount =
        stage.startLazerofs(
            "mount", "mount", "--foreground", "--root", root(), reference("erofs"), point + "");
    mount.awaitLog(MOUNTED);
    return mount;
  }

  /** Starts a direct read of bytes that are absent, and returns when it waits for them. */
  private static Service read(Path point, Path copy) throws IOException {
    Service reader =
        stage.start(
            "reader",
            "dd",
            "if=" + point.resolve("data"),
            "of=" + copy,
            "bs=1M",
            "count=1",
            "skip=" + SKIPPED,
            "iflag=direct");
    Path input = Path.of("/proc", reader.process().pid() + "", "fd", "0");
    await().until(() -> Files.readSymbolicLink(input).endsWith("data") && waits(reader.process()));
    return reader;
  }

  /** Whether a process sleeps, as the third field of its stat says (proc_pid_stat(5)). */
  private static boolean waits(ProcessHandle process) throws IOException {
    String stat = Files.readString(Path.of("/proc", process.pid() + "", "stat"));
    return "SD".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
  }

  private static void awaitUnmounted(Path point) {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() ->
            MountTable.below(stage.dir()).stream()
                .noneMatch(line -> line.contains(" " + point + " ")));
  }

  private static void assertNothingLeft(Path point) throws IOException {
    assertThat(MountTable.below(stage.dir()))
        .noneMatch(line -> line.contains(root()) || line.contains(point.toString()));
    assertThat(point).isEmptyDirectory();
    assertThat(Path.of(root(), "mounts")).isDirectoryNotContaining(Files::isDirectory);
  }

  private static String root() {
    return stage.dir().resolve("state").toString();
  }

  private static String reference(String tag) {
    return registry.address() + "/end:" + tag;
  }
}
