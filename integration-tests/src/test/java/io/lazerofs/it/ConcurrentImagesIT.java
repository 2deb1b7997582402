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
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images that share layers are pulled, run and removed through containerd, all at once. */
final class ConcurrentImagesIT {
  private static final int IMAGES = 4;

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static Daemon daemon;
  private static Containerd containerd;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    var shared = new TarLayer().file("shared", "all have it").tar();
    for (int i = 0; i < IMAGES; i++) {
      var own = new TarLayer().file("name", "image " + i).tar();
      var layout =
          OciImages.layout(stage.dir().resolve("image" + i), OciImages.busybox(), shared, own);
      registry.push(layout, "many:plain" + i);
      stage.convert(reference("plain" + i), reference("erofs" + i), "oci").ok();
    }
    daemon = Daemon.start(stage);
    containerd = Containerd.start(stage, daemon.socket());
  }

  @Test
  void eachRunsAtTheFirstTryWhileOthersAreRemoved() throws Exception {
    var lives = new ArrayList<Future<?>>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < IMAGES; i++) {
        int number = i;
        lives.add(executor.submit(() -> pullRunAndRemove(number)));
      }
    }
    for (var life : lives) {
      assertThat(life.get()).isEqualTo(true);
    }
    assertThat(containerd.snapshots("lazerofs")).isEmpty();
    await().atMost(Duration.ofSeconds(15)).until(() -> daemon.status().layers() == 0);
  }

  private static boolean pullRunAndRemove(int number) throws IOException, InterruptedException {
    var image = reference("erofs" + number);
    containerd.pullLazily(image).ok();
    var run = containerd.run("lazerofs", image, "reader" + number, "cat", "/shared", "/name");
    assertThat(run.ok().out()).isEqualTo("all have itimage " + number);
    containerd.remove(image);
    return true;
  }

  private static String reference(String tag) {
    return registry.address() + "/many:" + tag;
  }
}
