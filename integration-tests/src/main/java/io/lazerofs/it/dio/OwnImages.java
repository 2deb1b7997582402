package io.lazerofs.it.dio;

import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.erofs.write.PathPattern;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.it.conformance.Program;
import io.lazerofs.it.fuzz.Original;
import io.lazerofs.it.tree.RawFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Images of our own writer, of one tree in each layout that it can make: files of several FUSE
 * requests, with and without an inline tail, sparse ones, and files with equal content.
 */
public final class OwnImages {
  private static final long SEED = 20_261_121;
  private static final int LARGE = 5 << 20;
  private static final int TAIL = 700;

  private OwnImages() {}

  /**
   * Writes the images.
   *
   * @param directory an empty directory on a disk, empty again at the end
   */
  public static List<Original> make(Path directory) throws IOException, InterruptedException {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    tree(tree);
    List<Original> images = new ArrayList<>();
    for (var layout : layouts().entrySet()) {
      Path image = directory.resolve("image");
      DirectoryImporter.importDirectory(tree, image, layout.getValue());
      images.add(new Original("own-" + layout.getKey(), List.of(Files.readAllBytes(image))));
      Files.delete(image);
    }
    Program.run("rm", "-r", tree.toString());
    return images;
  }

  private static Map<String, WriteOptions> layouts() {
    WriteOptions plain = WriteOptions.defaults();
    Map<String, WriteOptions> layouts = new LinkedHashMap<>();
    layouts.put("plain", plain);
    layouts.put("block-512", plain.withBlockBits(9));
    layouts.put("chunk-4k", plain.withChunks(4 << 10));
    layouts.put("chunk-64k-dedupe", plain.withChunks(64 << 10).withDedupe(true));
    layouts.put("chunk-1m", plain.withChunks(1 << 20));
    layouts.put("lz4", plain.withCompression(Compression.parse("lz4"), 64 << 10));
    layouts.put(
        "zstd-dedupe-direct",
        plain
            .withCompression(Compression.parse("zstd"), 128 << 10)
            .withDedupe(true)
            .withDirect(List.of(PathPattern.of("*.db"))));
    return layouts;
  }

  private static void tree(Path tree) throws IOException {
    Random random = new Random(SEED);
    write(tree, "text", words(random, LARGE + TAIL), LARGE + TAIL);
    write(tree, "table.db", words(random, LARGE), LARGE);
    byte[] noise = new byte[LARGE + 1];
    random.nextBytes(noise);
    write(tree, "noise", noise, noise.length);
    write(tree, "noise-again", noise, noise.length);
    write(tree, "tail-only", words(random, 100), 100);
    write(tree, "empty", new byte[0], 0);
    write(tree, "hole", new byte[0], 300_000);
    try (RawFile sparse = RawFile.create(tree.resolve("sparse").toString())) {
      for (long at = 0; at < 4 << 20; at += random.nextInt(20) << 14) {
        sparse.write(at & -4096, words(random, 1 + random.nextInt(3 << 14)));
      }
      sparse.setSize((4 << 20) + 512 + 3);
    }
  }

  private static void write(Path tree, String name, byte[] bytes, long size) throws IOException {
    try (RawFile file = RawFile.create(tree.resolve(name).toString())) {
      file.write(0, bytes);
      file.setSize(size);
    }
  }

  private static byte[] words(Random random, int length) {
    StringBuilder text = new StringBuilder(length + 8);
    while (text.length() < length) {
      text.append(Integer.toString(random.nextInt(1 << 12), 3)).append(' ');
    }
    text.setLength(length);
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
