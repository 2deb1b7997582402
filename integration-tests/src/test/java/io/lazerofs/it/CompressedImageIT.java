package io.lazerofs.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images whose layers are compressed, from {@code convert} to a container that reads them. */
final class CompressedImageIT {
  private static final int TEXT_BYTES = 5_000_001;
  private static final long SEED = 23;

  /** Reads by read(2), by mmap (busybox is a compressed file too), and with O_DIRECT. */
  private static final String PROGRAM =
      "sha256sum < /data/text; sha256sum < /data/copy; sha256sum < /data/table.db;"
          + " dd if=/data/table.db iflag=direct bs=1M 2>/dev/null | sha256sum";

  @RegisterExtension static final Stage stage = new Stage();

  private static byte[] text;
  private static Registry registry;
  private static ThrottlingProxy proxy;
  private static Containerd containerd;
  private static long uncompressedBytes;

  @BeforeAll
  static void pushTheImage() throws IOException, InterruptedException {
    text = words(new Random(SEED));
    registry = Registry.start(stage);
    proxy = stage.keep(ThrottlingProxy.start(registry.address(), Line.CLEAR));
    containerd = Containerd.start(stage, Daemon.start(stage).socket());
    var data =
        new TarLayer()
            .directory("data")
            .file("data/text", text)
            .file("data/copy", text)
            .file("data/table.db", text);
    var layout = stage.dir().resolve("layout");
    registry.push(OciImages.layout(layout, OciImages.busybox(), data.tar()), "image:plain");
    convert("uncompressed");
    uncompressedBytes = registryBytes("uncompressed");
  }

  @Test
  void zstdLayersRunInAContainerAndADirectFileIsLeftUncompressed()
      throws IOException, InterruptedException {
    convert("zstd", "--compress", "zstd", "--direct", "*.db");
    assertThat(registryBytes("zstd"))
        .as("the direct file as it is, the rest at half its size or less")
        .isBetween((long) TEXT_BYTES, TEXT_BYTES + (uncompressedBytes - TEXT_BYTES) / 2);
    aContainerReadsWhatWasWritten("zstd");

    var layer = registry.layers("image:zstd").get(1).digest();
    var copy = stage.dir().resolve("copy");
    stage
        .convert(
            reference("plain"),
            "oci:" + copy,
            containerd.layerMediaType(),
            "--compress",
            "zstd",
            "--direct",
            "*.db")
        .ok();
    var blob = copy.resolve("blobs/sha256").resolve(layer.hex());
    assertThat(blob).as("the same layer, wherever it goes").exists();
    assertThat(extents(blob, "/data/table.db")).contains("plain").doesNotContain("zstd");
    assertThat(extents(blob, "/data/text")).contains("zstd");
  }

  @Test
  void dedupedLayersRunInAContainerAndAreConvertedAndPushedOnce()
      throws IOException, InterruptedException {
    var options = new String[] {"--compress", "lz4hc", "--dedupe"};
    var first = convert("lz4hc", options);
    assertThat(registryBytes("lz4hc"))
        .as("three files of the same content take less than one")
        .isLessThan(uncompressedBytes - 2L * TEXT_BYTES);
    aContainerReadsWhatWasWritten("lz4hc");

    proxy.forget();
    var second = convert("lz4hc-again", options);
    assertThat(second).as("the manifest's digest").isEqualTo(first);
    assertThat(proxy.exchanges())
        .as("nothing is pushed again but the name")
        .filteredOn(exchange -> exchange.method().matches("POST|PUT|PATCH"))
        .allMatch(exchange -> exchange.path().endsWith("/manifests/lz4hc-again"));
  }

  @Test
  void aMountedImageIsReadThroughMemoryMaps() throws IOException, InterruptedException {
    convert("mounted", "--compress", "lz4", "--pcluster", "16K", "--direct", "*.db");
    var root = stage.dir().resolve("state").toString();
    var point = Files.createDirectory(stage.dir().resolve("point"));
    stage.lazerofs("mount", "--root", root, reference("mounted"), point.toString()).ok();
    assertThat(mapped(point.resolve("data/text"))).isEqualTo(text);
    assertThat(mapped(point.resolve("data/table.db"))).isEqualTo(text);
    stage.lazerofs("umount", "--root", root, point.toString()).ok();
    assertThat(point).isEmptyDirectory();
  }

  private static void aContainerReadsWhatWasWritten(String tag)
      throws IOException, InterruptedException {
    containerd.pullLazily(reference(tag)).ok();
    var output = containerd.run("lazerofs", reference(tag), tag, "sh", "-c", PROGRAM).ok().out();
    assertThat(output.lines())
        .hasSize(4)
        .allMatch(line -> line.startsWith(Digest.of(text).hex()), "the digest of the content");
    containerd.remove(reference(tag));
  }

  /** Converts the image and returns the digest of its manifest. */
  private static String convert(String tag, String... options)
      throws IOException, InterruptedException {
    var out =
        stage
            .convert(reference("plain"), reference(tag), containerd.layerMediaType(), options)
            .ok()
            .out();
    return out.strip().substring(out.lastIndexOf(' ') + 1);
  }

  private static String reference(String tag) {
    return proxy.address() + "/image:" + tag;
  }

  private static long registryBytes(String tag) throws IOException, InterruptedException {
    return registry.layers("image:" + tag).stream().mapToLong(Registry.Layer::size).sum();
  }

  private static String extents(Path image, String path) throws IOException, InterruptedException {
    return stage.lazerofs("dump", "--extents", path, image.toString()).ok().out();
  }

  private static byte[] mapped(Path file) throws IOException {
    try (var arena = Arena.ofConfined();
        var channel = FileChannel.open(file)) {
      return channel
          .map(MapMode.READ_ONLY, 0, channel.size(), arena)
          .toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Words of a small vocabulary: what compresses to about a third, and nowhere repeats. */
  private static byte[] words(Random random) {
    var text = new StringBuilder(TEXT_BYTES + 8);
    while (text.length() < TEXT_BYTES) {
      text.append(Integer.toString(random.nextInt(1 << 12), 3)).append(' ');
    }
    text.setLength(TEXT_BYTES);
    return text.toString().getBytes(ISO_8859_1);
  }
}
