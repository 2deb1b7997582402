package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The snapshotter's life: crashes, restarts, a rival on its state, images that go. */
final class DaemonLifeIT {
  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;

  @BeforeAll
  static void push() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    var image =
        OciImages.layout(
            stage.dir().resolve("image"), OciImages.busybox(), new TarLayer().file("f", "x").tar());
    registry.push(image, "life:plain");
    stage.convert(reference("plain"), reference("erofs"), "oci").ok();
  }

  @Test
  void afterACrashImagesThatWerePulledRunAgain() throws IOException, InterruptedException {
    try (var daemon = Daemon.start(stage);
        var containerd = Containerd.start(stage, daemon.socket())) {
      containerd.pullLazily(reference("erofs")).ok();
      assertThat(read(containerd)).isEqualTo("x");
      daemon.crash();
      containerd.awaitSnapshotter();
      assertThat(read(containerd)).isEqualTo("x");
      containerd.remove(reference("erofs"));
      assertThat(containerd.snapshots("lazerofs")).isEmpty();
    }
  }

  @Test
  void removingAnImageRemovesItsLayersAndItCanBePulledAgain()
      throws IOException, InterruptedException {
    try (var daemon = Daemon.start(stage);
        var containerd = Containerd.start(stage, daemon.socket())) {
      for (int round = 0; round < 2; round++) {
        containerd.pullLazily(reference("erofs")).ok();
        assertThat(read(containerd)).isEqualTo("x");
        assertThat(daemon.status().layers()).isEqualTo(2);
        containerd.remove(reference("erofs"));
        await().atMost(Duration.ofSeconds(15)).until(() -> daemon.status().layers() == 0);
        assertThat(containerd.snapshots("lazerofs")).isEmpty();
      }
    }
  }

  @Test
  void aSecondDaemonOnTheSameStateDirectoryIsRefusedAndTheFirstServesOn()
      throws IOException, InterruptedException {
    try (var daemon = Daemon.start(stage)) {
      long pid = daemon.status().pid();
      var line =
          stage
              .lazerofs("snapshotter", "--config", daemon.configuration().toString())
              .failedWith(1);
      assertThat(line).contains(daemon.root().toString());
      var other = stage.dir().resolve("other.toml");
      Files.writeString(
          other,
          "root = \"%s\"%naddress = \"%s\"%n"
              .formatted(daemon.root(), stage.dir().resolve("other.sock")));
      stage.lazerofs("snapshotter", "--config", other.toString()).failedWith(1);
      assertThat(stage.dir().resolve("other.sock")).doesNotExist();
      assertThat(daemon.status().pid()).isEqualTo(pid);
    }
  }

  @Test
  void aDaemonThatEndsTakesItsSocketAndItsMountAlong() throws IOException, InterruptedException {
    var daemon = Daemon.start(stage);
    assertThat(daemon.socket()).exists();
    daemon.close();
    assertThat(daemon.socket()).doesNotExist();
  }

  private static String read(Containerd containerd) throws IOException, InterruptedException {
    return containerd.run("lazerofs", reference("erofs"), "reader", "cat", "/f").ok().out();
  }

  private static String reference(String tag) {
    return registry.address() + "/life:" + tag;
  }
}
