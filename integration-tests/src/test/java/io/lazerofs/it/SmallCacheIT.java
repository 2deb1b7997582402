package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.files.FileStatus;
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
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers of an image that is larger than what the cache may take. */
final class SmallCacheIT {
  private static final int FILE_BYTES = 40 << 20;
  private static final long CACHE_BYTES = 12 << 20;

  @RegisterExtension static final Stage stage = new Stage();

  private static Daemon daemon;
  private static Containerd containerd;
  private static String reference;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    var registry = Registry.start(stage);
    daemon = Daemon.start(stage, "cache.max-bytes = " + CACHE_BYTES + "\n");
    containerd = Containerd.start(stage, daemon.socket());
    var image =
        OciImages.layout(
            stage.dir().resolve("image"),
            OciImages.busybox(),
            new TarLayer().file("file", content()).tar());
    reference = registry.address() + "/app:erofs";
    stage.convert(registry.push(image, "app:plain"), reference, containerd.layerMediaType()).ok();
  }

  @Test
  void everyByteIsRightEachTimeAndTheDiskIsNotFilled() throws IOException, InterruptedException {
    containerd.pullLazily(reference).ok();
    String sum = Digest.of(content()).hex();

    for (int turn = 0; turn < 3; turn++) {
      // Through the page cache, then past it: what was evicted is fetched again in both ways.
      var buffered =
          containerd.run("lazerofs", reference, "sum-" + turn, "sha256sum", "/file").ok();
      assertThat(buffered.out()).startsWith(sum);
      var direct =
          containerd
              .run(
                  "lazerofs",
                  reference,
                  "direct-" + turn,
                  "sh",
                  "-c",
                  "dd if=/file bs=1M iflag=direct 2>/dev/null | sha256sum")
              .ok();
      assertThat(direct.out()).startsWith(sum);
      assertThat(allocated()).as("bytes of the disk").isLessThanOrEqualTo(CACHE_BYTES);
    }

    JsonNode status = new ObjectMapper().readTree(daemon.statusJson());
    assertThat(status.required("cache_max_bytes").longValue()).isEqualTo(CACHE_BYTES);
    assertThat(status.required("cache_bytes").longValue()).isBetween(1L, CACHE_BYTES);
    assertThat(status.required("evicted_bytes").longValue())
        .isGreaterThan(3L * (FILE_BYTES - CACHE_BYTES));
    containerd.remove(reference);
  }

  /** Returns what the cache takes, as the file system says. */
  private static long allocated() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(daemon.root().resolve("cache/blobs"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += FileStatus.of(file).allocatedBytes();
      }
    }
    return bytes;
  }

  private static byte[] content() {
    var bytes = new byte[FILE_BYTES];
    new Random(3).nextBytes(bytes);
    return bytes;
  }
}
