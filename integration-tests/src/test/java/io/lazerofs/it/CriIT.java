package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.it.cri.AuthConfig;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Kubelet;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.source.Digest;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pod's whole life by the calls that a kubelet makes to containerd's CRI. */
final class CriIT {
  private static final int BLOCK = 64 << 10;
  private static final int BLOCKS = 256;

  /** Prints, and stops when it is told to. */
  private static final String APP =
      "trap 'echo stopped; exit 0' TERM; echo started; while :; do busybox sleep 0.1; done";

  @RegisterExtension static final Stage stage = new Stage();

  private static final byte[] content = new byte[BLOCKS * BLOCK];
  private static Registry registry;
  private static String pause;

  @BeforeAll
  static void start() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("content of CriIT: seed " + seed);
    new Random(seed).nextBytes(content);
    registry = Registry.start(stage);
    pause =
        registry.push(
            OciImages.layout(
                stage.dir().resolve("pause"),
                List.of("busybox", "sleep", "100000"),
                OciImages.busybox()),
            "pause:1");
    registry.push(
        OciImages.layout(
            stage.dir().resolve("app"),
            OciImages.busybox(),
            new TarLayer().file("big", content).tar()),
        "app:plain");
  }

  @Test
  void aPodIsPulledLazilyAndRunsAndNothingIsLeftOfIt() throws Exception {
    var app = registry.address() + "/app:erofs";
    try (var daemon = Daemon.start(stage);
        var containerd = Containerd.startWithCri(stage, daemon, pause);
        var kubelet = Kubelet.of(containerd.socket(), containerd.socket())) {
      assertThat(containerd.check(daemon)).contains("has all that containerd 1.");
      stage.convert(registry.address() + "/app:plain", app, containerd.layerMediaType()).ok();

      var reference = kubelet.pull(app, AuthConfig.getDefaultInstance());
      assertThat(kubelet.image(app))
          .hasValueSatisfying(image -> {
            assertThat(image.getId()).isEqualTo(reference);
            assertThat(image.getRepoTagsList()).contains(app);
            assertThat(image.getSize()).as("bytes in the registry").isGreaterThan(content.length);
          });
      assertThat(daemon.status().layers()).as("lazy layers").isEqualTo(2);

      var logs = Files.createDirectory(stage.dir().resolve("logs"));
      var pod = kubelet.run("pod", logs);
      var container = pod.start("app", app, "sh", "-c", APP);
      var read =
          container.exec(
              "sh", "-c", "dd if=/big bs=%d skip=200 count=1 | sha256sum".formatted(BLOCK));
      assertThat(read.getExitCode()).isZero();
      assertThat(read.getStdout().toStringUtf8().split(" ", 2)[0])
          .isEqualTo(Digest.of(Arrays.copyOfRange(content, 200 * BLOCK, 201 * BLOCK)).hex());
      assertThat(container.exec("cat", "/missing").getExitCode()).isEqualTo(1);
      assertThat(daemon.status().bytesFetched())
          .as("bytes of %d", content.length)
          .isBetween((long) BLOCK, content.length / 4L);

      container.remove();
      assertThat(Files.readAllLines(logs.resolve("app.log")))
          .extracting(line -> line.replaceFirst("^\\S+ ", ""))
          .containsExactly("stdout F started", "stdout F stopped");
      pod.remove();
      kubelet.removeImage(app);
      kubelet.removeImage(pause);
      assertThat(kubelet.imageList()).isEmpty();
      await("the garbage collector")
          .untilAsserted(() -> assertThat(containerd.criSnapshots("lazerofs")).isEmpty());
      assertThat(daemon.status().layers()).as("lazy layers at the end").isZero();
      try (var left = Files.list(daemon.root().resolve("s"))) {
        assertThat(left).as("directories of snapshots").isEmpty();
      }
    }
  }
}
