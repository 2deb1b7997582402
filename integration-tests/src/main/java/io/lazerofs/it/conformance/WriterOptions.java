package io.lazerofs.it.conformance;

import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.write.PathPattern;
import io.lazerofs.erofs.write.WriteOptions;
import java.util.List;
import java.util.Random;

/** Options of our own writer, drawn so that all that go together meet each other in time. */
final class WriterOptions {
  private static final String[] COMPRESSIONS = {
    "lz4",
    "lz4hc",
    "lz4hc:1",
    "lz4hc:12",
    "zstd",
    "zstd:1",
    "zstd:19",
    "deflate",
    "deflate:1",
    "deflate:9",
    "lzma",
    "lzma:0"
  };

  /** The largest block that the kernel mounts is a page. */
  private static final int LARGEST_BLOCK_BITS = 12;

  private static final int SMALLEST_BLOCK_BITS = 9;

  private WriterOptions() {}

  static WriteOptions draw(Random random) {
    int bits =
        random.nextBoolean()
            ? LARGEST_BLOCK_BITS
            : SMALLEST_BLOCK_BITS + random.nextInt(LARGEST_BLOCK_BITS - SMALLEST_BLOCK_BITS + 1);
    WriteOptions options =
        WriteOptions.defaults()
            .withBlockBits(bits)
            .withDedupe(random.nextBoolean())
            .withThreads(1 + random.nextInt(3));
    if (random.nextInt(4) == 0) {
      options = options.withDirect(List.of(PathPattern.of("[a-c0]*"), PathPattern.of("*9")));
    }
    return switch (random.nextInt(6)) {
      case 0 -> options;
      case 1 -> options.withChunks(1 << (bits + random.nextInt(8)));
      default -> compressed(options, random);
    };
  }

  private static WriteOptions compressed(WriteOptions options, Random random) {
    int blocks = WriteOptions.MAX_PCLUSTER >> options.blockBits();
    int pcluster =
        switch (random.nextInt(5)) {
          case 0 -> 1;
          case 1 -> 2 + random.nextInt(15);
          case 2 -> blocks;
          default -> 16;
        };
    String compression = COMPRESSIONS[random.nextInt(COMPRESSIONS.length)];
    return options.withCompression(
        Compression.parse(compression), Math.min(pcluster, blocks) << options.blockBits());
  }
}
