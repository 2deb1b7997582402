package io.lazerofs.it.faults;

import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageLocation;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.snapshotter.convert.ImageConverter;
import io.lazerofs.snapshotter.convert.LayerMediaType;
import io.lazerofs.snapshotter.progress.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One image of three layers in a registry, converted in several ways: large files that compress and
 * that do not, equal ones, and small ones that are packed beside their inodes.
 *
 * @param layouts the image in each layout
 * @param layers what the files of each layer hold, by name; all are in the layer's root
 */
record FaultImages(List<Layout> layouts, List<SortedMap<String, byte[]>> layers) {
  private static final long SEED = 20_261_121;
  private static final int LARGE = 600_000;
  private static final int SMALL_FILES = 60;

  /**
   * The image in one layout.
   *
   * @param reference without the registry, as {@code repository:tag}
   * @param layers as its manifest describes them, the lowest first
   */
  record Layout(String reference, List<Descriptor> layers) {}

  /**
   * Puts the image into a registry.
   *
   * @param registry host and port
   * @param directory an empty directory on a disk
   */
  static FaultImages push(String registry, Path directory) throws IOException {
    List<SortedMap<String, byte[]>> layers = layers(new Random(SEED));
    byte[][] tars = layers.stream().map(FaultImages::tar).toArray(byte[][]::new);
    Path source = OciImages.layout(directory.resolve("source"), tars);
    List<Layout> layouts = new ArrayList<>();
    try (HttpTransport transport = HttpTransport.create(HttpSettings.defaults())) {
      Registries registries = new Registries(transport, Credentials.none(), InstantSource.system());
      ImageLocation from = registries.open("oci:" + source + ":latest");
      for (var options : options().entrySet()) {
        String reference = "faults:" + options.getKey();
        ImageLocation to = registries.open(registry + "/" + reference);
        Path temporary = Files.createDirectories(directory.resolve("temporary"));
        Document image =
            new ImageConverter(
                    from.store(),
                    to.store(),
                    LayerMediaType.OCI,
                    options.getValue(),
                    temporary,
                    1,
                    Progress.NONE)
                .convert(from.reference(), to.reference(), List.of());
        layouts.add(new Layout(reference, Manifest.parse(image).layers()));
      }
    }
    return new FaultImages(layouts, layers);
  }

  private static Map<String, WriteOptions> options() {
    WriteOptions plain = WriteOptions.defaults();
    Map<String, WriteOptions> options = new LinkedHashMap<>();
    options.put("plain", plain);
    options.put("chunks", plain.withChunks(16 << 10).withDedupe(true));
    options.put("lz4", plain.withCompression(Compression.parse("lz4"), 64 << 10));
    options.put(
        "zstd", plain.withCompression(Compression.parse("zstd"), 128 << 10).withDedupe(true));
    return options;
  }

  private static List<SortedMap<String, byte[]>> layers(Random random) {
    byte[] noise = new byte[LARGE + 1];
    random.nextBytes(noise);
    SortedMap<String, byte[]> base = new TreeMap<>(Map.of("noise", noise));
    base.put("text", words(random, LARGE));
    SortedMap<String, byte[]> middle = new TreeMap<>(Map.of("noise-again", noise));
    middle.put("table", words(random, 64 << 10));
    SortedMap<String, byte[]> top = new TreeMap<>(Map.of("empty", new byte[0]));
    for (int i = 0; i < SMALL_FILES; i++) {
      top.put("small-" + i, words(random, 1 + random.nextInt(9000)));
    }
    return List.of(base, middle, top);
  }

  private static byte[] words(Random random, int length) {
    StringBuilder text = new StringBuilder(length + 8);
    while (text.length() < length) {
      text.append(Integer.toString(random.nextInt(1 << 12), 3)).append(' ');
    }
    text.setLength(length);
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] tar(SortedMap<String, byte[]> files) {
    TarLayer layer = new TarLayer();
    files.forEach(layer::file);
    return layer.tar();
  }
}
