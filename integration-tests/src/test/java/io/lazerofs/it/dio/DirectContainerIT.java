package io.lazerofs.it.dio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.proxy.ThrottlingProxy;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs in a container that read lazily loaded files with O_DIRECT. */
final class DirectContainerIT {
  private static final Path PROGRAM = Path.of("src", "test", "c", "direct_reads.c");
  private static final int FILE_BYTES = (4 << 20) + 512;
  private static final Line SLOW = new Line(Duration.ofMillis(2), 100_000_000);

  /** Files of the image, each of which one program reads while it is absent. */
  private static final List<String> FILES = List.of("dd.db", "aio.db", "uring.db");

  @RegisterExtension static final Stage stage = new Stage();

  private static ThrottlingProxy proxy;
  private static Containerd containerd;

  @BeforeAll
  static void pushTheImage() throws IOException, InterruptedException {
    Registry registry = Registry.start(stage);
    proxy = stage.keep(ThrottlingProxy.start(registry.address(), SLOW));
    containerd = Containerd.start(stage, Daemon.start(stage).socket());
    Path program = stage.dir().resolve("direct_reads");
    stage
        .run("gcc", "-O2", "-static", "-o", program + "", PROGRAM.toAbsolutePath().toString())
        .ok();
    TarLayer data =
        new TarLayer().file("bin/direct_reads", Files.readAllBytes(program)).directory("data");
    for (String file : FILES) {
      data.file("data/" + file, content(file));
    }
    Path layout = stage.dir().resolve("layout");
    registry.push(OciImages.layout(layout, OciImages.busybox(), data.tar()), "direct:plain");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--chunk 65536",
        "--dedupe",
        "--block-size 512",
        "--compress zstd",
        "--compress lz4hc --dedupe --direct uring.db"
      })
  void S1_1_programsReadDirectlyWhateverTheLayout(String options) throws Exception {
    String tag = "t" + Integer.toHexString(options.hashCode());
    String image = proxy.address() + "/direct:" + tag;
    String[] words =
        Arrays.stream(options.split(" ", -1))
            .filter(word -> !word.isEmpty())
            .toArray(String[]::new);
    stage
        .convert(proxy.address() + "/direct:plain", image, containerd.layerMediaType(), words)
        .ok();
    containerd.pullLazily(image).ok();
    String script =
        "dd if=/data/dd.db iflag=direct bs=128k 2>/dev/null | sha256sum;"
            + " direct_reads aio /data/aio.db %d;".formatted(base("aio.db"))
            + " direct_reads uring /data/uring.db %d".formatted(base("uring.db"));
    String output = containerd.run("lazerofs", image, tag, "sh", "-c", script).ok().out();
    System.out.println(options + ": " + output);
    assertThat(output.lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith(Digest.of(content("dd.db")).hex()),
            line -> assertThat(line).matches("1000 reads of \\d+ bytes, 0 pages cached"),
            line -> assertThat(line).matches("1000 reads of \\d+ bytes, 0 pages cached"));
    containerd.remove(image);
  }

  /** Returns the first of the numbers that a file consists of; no two files share one. */
  private static long base(String file) {
    return 1L + FILES.indexOf(file) << 32;
  }

  private static byte[] content(String file) {
    ByteBuffer bytes = ByteBuffer.allocate(FILE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long number = base(file); bytes.hasRemaining(); number++) {
      bytes.putLong(number);
    }
    return bytes.array();
  }
}
