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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A registry behind a caching mirror, which is what a P2P node is to its neighbours. */
final class MirrorIT {
  private static final int FILE_BYTES = 12 << 20;

  /** Far more than is fetched ahead of a reader of the first file. */
  private static final int SECOND_FILE_BYTES = 96 << 20;

  /** How far apart blocks of it are read, and 37 of these from one to the next: none is ahead. */
  private static final int BLOCK_BYTES = 1 << 20;

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static CachingMirror mirror;
  private static Daemon daemon;
  private static Containerd containerd;
  private static String reference;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    mirror = CachingMirror.start(stage, registry);
    daemon = Daemon.start(stage, "registry.config_path = \"" + hostsDirectory() + "\"\n");
    containerd = Containerd.start(stage, daemon.socket());
    var image =
        OciImages.layout(
            stage.dir().resolve("image"),
            OciImages.busybox(),
            new TarLayer()
                .file("first", random(1, FILE_BYTES))
                .file("second", random(2, SECOND_FILE_BYTES))
                .tar());
    reference = registry.address() + "/app:erofs";
    stage.convert(registry.push(image, "app:plain"), reference, containerd.layerMediaType()).ok();
  }

  @Test
  void aMirrorThatDiesInTheMiddleOfAnImageCostsNoReaderAByteAndIsUsedAgainWhenItIsBack()
      throws IOException, InterruptedException {
    containerd.pullLazily(reference).ok();

    mirror.dieAfter(FILE_BYTES / 2);
    var sum = containerd.run("lazerofs", reference, "whole", "sha256sum", "/first").ok().out();
    assertThat(sum).startsWith(Digest.of(random(1, FILE_BYTES)).hex());
    assertThat(mirror.served()).as("the mirror gave the first part").isPositive();
    assertThat(source(mirror.address())).startsWith("failing: ");
    assertThat(source(registry.address())).isEqualTo("ok");
    assertThat(status().required("retries").longValue()).isPositive();

    mirror.revive();
    long before = mirror.served();
    var block = new AtomicInteger();
    await("the mirror is used again")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(() -> {
          readBlock(block.getAndIncrement());
          assertThat(mirror.served()).isGreaterThan(before);
        });
    assertThat(source(mirror.address())).isEqualTo("ok");
    sum = containerd.run("lazerofs", reference, "rest", "sha256sum", "/second").ok().out();
    assertThat(sum).startsWith(Digest.of(random(2, SECOND_FILE_BYTES)).hex());
    containerd.remove(reference);
  }

  private static Path hostsDirectory() throws IOException {
    var hosts = stage.dir().resolve("certs.d");
    var own = Files.createDirectories(hosts.resolve(registry.address().replace(':', '_') + "_"));
    Files.writeString(
        own.resolve("hosts.toml"),
        "[host.\"http://%s\"]\n  capabilities = [\"pull\"]\n".formatted(mirror.address()));
    return hosts;
  }

  private static byte[] random(int seed, int length) {
    var bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static void readBlock(int number) throws IOException, InterruptedException {
    int index = number * 37 % (SECOND_FILE_BYTES / BLOCK_BYTES);
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

  private static String source(String host) throws IOException, InterruptedException {
    return status().required("sources").path(host).asText();
  }

  private static JsonNode status() throws IOException, InterruptedException {
    return new ObjectMapper().readTree(daemon.statusJson());
  }
}
