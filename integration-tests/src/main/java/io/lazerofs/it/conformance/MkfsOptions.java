package io.lazerofs.it.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Options of mkfs.erofs 1.5, drawn so that all that go together meet each other in time. */
final class MkfsOptions {
  private static final String[] ALGORITHMS = {"lz4", "lz4hc", "lz4hc,1", "lz4hc,9", "lz4hc,12"};
  private static final int[] PCLUSTERS = {4096, 8192, 16384, 65536, 262_144, 1 << 20};

  private final Random random;
  private final List<String> options = new ArrayList<>();
  private final List<String> extended = new ArrayList<>();
  private boolean blob;

  private MkfsOptions(Random random) {
    this.random = random;
  }

  /**
   * Options for an image.
   *
   * @param blob whether chunks go to the file {@code blob} beside the image, a second device
   */
  record Drawn(List<String> arguments, boolean blob) {}

  /**
   * Draws options.
   *
   * @param directory where files go that options name
   */
  static Drawn draw(Random random, Path directory) throws IOException {
    MkfsOptions drawn = new MkfsOptions(random);
    switch (random.nextInt(5)) {
      case 0 -> drawn.plain();
      case 1 -> drawn.chunks(directory);
      default -> drawn.compression(directory);
    }
    drawn.inodes();
    if (!drawn.extended.isEmpty()) {
      drawn.options.add("-E" + String.join(",", drawn.extended));
    }
    return new Drawn(List.copyOf(drawn.options), drawn.blob);
  }

  private void plain() {
    if (random.nextBoolean()) {
      extended.add("noinline_data");
    }
  }

  private void chunks(Path directory) {
    options.add("--chunksize=" + (4096 << random.nextInt(9)));
    switch (random.nextInt(4)) {
      case 0 -> extended.add("force-inode-blockmap");
      case 1 -> extended.add("force-chunk-indexes");
      case 2 -> {
        blob = true;
        options.add("--blobdev=" + directory.resolve("blob"));
      }
      default -> {}
    }
  }

  private void compression(Path directory) throws IOException {
    options.add("-z" + ALGORITHMS[random.nextInt(ALGORITHMS.length)]);
    int pcluster = PCLUSTERS[random.nextInt(PCLUSTERS.length)];
    boolean legacy = random.nextInt(4) == 0;
    if (random.nextInt(3) > 0) {
      options.add("-C" + pcluster);
    }
    if (legacy) {
      extended.add("legacy-compress");
    }
    if (random.nextBoolean()) {
      extended.add("ztailpacking");
    }
    if (random.nextInt(4) == 0) {
      extended.add("noinline_data");
    }
    if (random.nextInt(6) == 0) {
      options.add("--max-extent-bytes=" + (4096 + random.nextInt(200_000)));
    }
    if (random.nextInt(5) == 0) {
      Path hints = Files.writeString(directory.resolve("hints"), "4096 [a-c]\n16384 [X-Z]\n");
      options.add("--compress-hints=" + hints);
    }
  }

  private void inodes() {
    options.add("-x" + (random.nextInt(5) - 1));
    switch (random.nextInt(4)) {
      case 0 -> extended.add("force-inode-extended");
      case 1 -> {
        // Compact inodes have no time of their own, nor room for large owners.
        extended.add("force-inode-compact");
        options.addAll(List.of("--ignore-mtime", "--all-root"));
        return;
      }
      default -> {}
    }
    switch (random.nextInt(5)) {
      case 0 -> options.add("--ignore-mtime");
      case 1 -> options.add("--preserve-mtime");
      case 2 -> options.add("-T" + random.nextInt(2_000_000_000));
      default -> {}
    }
    switch (random.nextInt(6)) {
      case 0 -> options.add("--all-root");
      case 1 -> options.add("--force-uid=" + random.nextInt(100_000));
      case 2 -> options.add("--force-gid=" + random.nextInt(100_000));
      case 3 -> options.add("--exclude-regex=^[a-d]");
      default -> {}
    }
    if (random.nextInt(3) == 0) {
      options.add("-U" + new UUID(random.nextLong(), random.nextLong()));
    }
  }
}
