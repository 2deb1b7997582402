package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.it.stage.CachingMirror;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A registry behind a caching mirror, which is what a P2P node is to its neighbours. */
final class MirrorIT {
  private static final int FILE_BYTES = 12 << 20;
  private static final int BLOCK_BYTES = 1 << 20;

  @RegisterExtension static final Stage stage = new Stage();

  @Test
  void aMirrorThatDiesInTheMiddleOfAnImageCostsNoReaderAByteAndIsUsedAgainWhenItIsBack()
      throws IOException, InterruptedException {
    var registry = Registry.start(stage);
    var mirror = CachingMirror.start(stage, registry);
    var hosts = hostsDirectory(registry, mirror);
    var daemon = Daemon.start(stage, "registry.config_path = \"" + hosts + "\"\n");
    var containerd = Containerd.start(stage, daemon.socket());
    var first = random(1);
    var second = random(2);
    var image =
        OciImages.layout(
            stage.dir().resolve("image"),
            OciImages.busybox(),
            new TarLayer().file("first", first).file("second", second).tar());
    var plain = registry.push(image, "app:plain");
    var reference = registry.address() + "/app:erofs";
    stage.convert(plain, reference, containerd.layerMediaType()).ok();
    containerd.pullLazily(reference).ok();

    mirror.dieAfter(FILE_BYTES / 2);
    var sum = containerd.run("lazerofs", reference, "whole", "sha256sum", "/first").ok().out();
    assertThat(sum).startsWith(Digest.of(first).hex());
    assertThat(mirror.served()).as("the mirror gave the first part").isPositive();
    assertThat(source(daemon, mirror.address())).startsWith("failing: ");
    assertThat(source(daemon, registry.address())).isEqualTo("ok");
    assertThat(status(daemon).required("retries").longValue()).isPositive();

    mirror.revive();
    long before = mirror.served();
    var block = new AtomicInteger();
    await("the mirror is used again")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(() -> {
          readBlock(containerd, reference, block.getAndIncrement());
          assertThat(mirror.served()).isGreaterThan(before);
        });
    assertThat(source(daemon, mirror.address())).isEqualTo("ok");
    sum = containerd.run("lazerofs", reference, "rest", "sha256sum", "/second").ok().out();
    assertThat(sum).startsWith(Digest.of(second).hex());
    containerd.remove(reference);
  }

  private static Path hostsDirectory(Registry registry, CachingMirror mirror) throws IOException {
    var hosts = stage.dir().resolve("certs.d");
    var own = Files.createDirectories(hosts.resolve(registry.address().replace(':', '_') + "_"));
    Files.writeString(
        own.resolve("hosts.toml"),
        "[host.\"http://%s\"]\n  capabilities = [\"pull\"]\n".formatted(mirror.address()));
    return hosts;
  }

  private static byte[] random(int seed) {
    var bytes = new byte[FILE_BYTES];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static void readBlock(Containerd containerd, String reference, int number)
      throws IOException, InterruptedException {
    int index = number % (FILE_BYTES / BLOCK_BYTES);
    containerd
        .run(
            "lazerofs",
            reference,
            "block-" + number,
            "dd",
            "if=/second",
            "of=/dev/null",
            "bs=4096",
            "count=1",
            "skip=" + index * (BLOCK_BYTES / 4096))
        .ok();
  }

  private static String source(Daemon daemon, String host)
      throws IOException, InterruptedException {
    return status(daemon).required("sources").path(host).asText();
  }

  private static JsonNode status(Daemon daemon) throws IOException, InterruptedException {
    return new ObjectMapper().readTree(daemon.statusJson());
  }
}
