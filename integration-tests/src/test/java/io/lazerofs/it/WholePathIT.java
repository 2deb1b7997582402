package io.lazerofs.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.it.proxy.Exchange;
import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.proxy.ThrottlingProxy;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.SampleImage;
import io.lazerofs.it.stage.Stage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Debian userland with python3 from a lazily loaded image, beside an ordinary image. */
final class WholePathIT {
  @RegisterExtension static final Stage stage = new Stage();

  private static SampleImage sample;
  private static ThrottlingProxy proxy;
  private static Daemon daemon;
  private static Containerd containerd;
  private static String ordinary;
  private static String converted;
  private static long imageBytes;

  @BeforeAll
  static void convertTheSampleImage() throws IOException, InterruptedException {
    sample = SampleImage.find(stage);
    var registry = Registry.start(stage);
    proxy = stage.keep(ThrottlingProxy.start(registry.address(), Line.CLEAR));
    daemon = Daemon.start(stage);
    containerd = Containerd.start(stage, daemon.socket());
    registry.push(sample.layout(), "sample:plain");
    stage
        .convert(
            registry.address() + "/sample:plain",
            registry.address() + "/sample:erofs",
            containerd.layerMediaType())
        .ok();
    ordinary =
        registry.push(
            OciImages.layout(stage.dir().resolve("busybox"), OciImages.busybox()), "busybox:plain");
    converted = proxy.address() + "/sample:erofs";
    imageBytes = registry.layers("sample:erofs").stream().mapToLong(Registry.Layer::size).sum();
  }

  @Test
  void aConvertedImageStartsBeforeAQuarterOfItIsFetchedAndReadsDirectly()
      throws IOException, InterruptedException {
    proxy.forget();
    containerd.pullLazily(converted).ok();
    assertThat(bytesThroughTheProxy()).as("pull fetches no layer").isLessThan(imageBytes / 100);

    var container = containerd.talk("lazerofs", converted, "lazy", "python3", "/app/start.py");
    try (var output = new BufferedReader(new InputStreamReader(container.getInputStream(), UTF_8));
        var input = container.getOutputStream()) {
      assertThat(output.readLine()).startsWith("ready: python 3.");
      var status = daemon.status();
      assertThat(status.bytesFetched()).isPositive().isLessThan(imageBytes / 4);
      assertThat(status.requests()).isPositive();
      assertThat(status.layers()).isEqualTo(3);
      assertThat(bytesThroughTheProxy()).isLessThan(imageBytes / 4);

      // While it runs, so does an ordinary image on the same snapshotter.
      containerd.pull("lazerofs", ordinary);
      assertThat(containerd.run("lazerofs", ordinary, "ordinary", "echo", "beside").ok().out())
          .isEqualTo("beside\n");

      input.write("go\n".getBytes(UTF_8));
      input.flush();
      assertThat(output.readLine()).isEqualTo("sha256 " + sample.blobSha256() + " " + (64 << 20));
    }
    assertThat(container.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(container.exitValue()).isZero();
    assertThat(daemon.status().bytesFetched())
        .as("the 64 MiB file and little more, once")
        .isBetween(64L << 20, (64L << 20) + imageBytes / 4);

    containerd.remove(converted);
    containerd.remove(ordinary);
    assertThat(containerd.snapshots("lazerofs")).isEmpty();
    await("layers are unmounted with their last snapshot")
        .atMost(Duration.ofSeconds(15))
        .until(() -> daemon.status().layers() == 0);
  }

  private static long bytesThroughTheProxy() {
    return proxy.exchanges().stream().mapToLong(Exchange::bytes).sum();
  }
}
