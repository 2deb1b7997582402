package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.disk.DataLayout;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Our reader finds in images what the writer was given; also in those whose blocks are larger than
 * the pages of a kernel that could be asked.
 */
final class CompressedRoundTripTest {
  private static final long SEED = 20_261_122L;
  private static final WriteOptions PLAIN = WriteOptions.defaults().withThreads(2);

  @TempDir Path directory;

  /** Every block size with each algorithm, and with pclusters of one block and of the largest. */
  static Stream<WriteOptions> options() {
    List<WriteOptions> options = new ArrayList<>();
    for (int bits = 9; bits <= 16; bits++) {
      WriteOptions blocks = PLAIN.withBlockBits(bits);
      options.add(blocks);
      options.add(blocks.withDedupe(true));
      options.add(blocks.withChunks(2 * blocks.blockSize()));
      options.add(compressed(blocks, "lz4", blocks.blockSize()));
      options.add(compressed(blocks, "lz4", WriteOptions.MAX_PCLUSTER).withDedupe(true));
      options.add(compressed(blocks, "zstd:1", 64 << 10));
      options.add(compressed(blocks, "deflate:1", 64 << 10).withDedupe(true));
      if (bits % 3 == 0 || bits == 16) {
        options.add(compressed(blocks, "lzma:0", 64 << 10));
      }
    }
    return options.stream();
  }

  private static WriteOptions compressed(WriteOptions options, String compression, int pcluster) {
    return options.withCompression(Compression.parse(compression), pcluster);
  }

  @ParameterizedTest
  @MethodSource("options")
  void filesOfEverySizeReadBack(WriteOptions options) throws IOException {
    System.out.println("seed " + SEED);
    int block = options.blockSize();
    int[] sizes = {
      0, 1, 100, block - 32, block - 31, block, block + 1, 3 * block - 1, 3 * block + 5
    };
    Random random = new Random(SEED);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (MixedContent kind : MixedContent.values()) {
      for (int size : sizes) {
        byte[] content = kind.bytes(random, size);
        files.put(kind + "-" + size, content);
        files.put("again-" + kind + "-" + size, content);
      }
    }
    checkReadBack(files, options.withDirect(List.of(PathPattern.of("again-*5"))));
  }

  /** Indexes begin at four places modulo 32 bytes, and have packs of two kinds from there on. */
  @ParameterizedTest
  @ValueSource(strings = {"lz4", "zstd:1"})
  void indexesOfEveryLengthReadBackWhereverTheyBegin(String compression) throws IOException {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    for (int pclusterBlocks : new int[] {1, 2, 7, 128}) {
      WriteOptions options = compressed(PLAIN.withBlockBits(9), compression, pclusterBlocks << 9);
      TarBytes tar = new TarBytes();
      Map<String, byte[]> files = new LinkedHashMap<>();
      for (int lclusters = 1; lclusters <= 70; lclusters++) {
        byte[] content = MixedContent.TEXT.bytes(random, (lclusters << 9) - random.nextInt(400));
        for (int pad = 0; pad < 32; pad += 8) {
          String path = lclusters + "-" + pad;
          tar.pax("SCHILY.xattr.user.n", "v".repeat(pad + 1));
          tar.entry(path, '0', 0644, "", content);
          files.put(path, content);
        }
      }
      checkReadBack(tar, files, options);
    }
  }

  /** One extent covers more lclusters than an index can count back. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void extentsOfThousandsOfLclustersReadBack(boolean dedupe) throws IOException {
    byte[] zeros = new byte[5_000_000];
    byte[] text = MixedContent.TEXT.bytes(new Random(SEED), 3_000_000);
    Map<String, byte[]> files = Map.of("zeros", zeros, "text", text, "text-again", text);
    for (int bits : new int[] {9, 10}) {
      WriteOptions options =
          compressed(PLAIN.withBlockBits(bits), "lz4", WriteOptions.MAX_PCLUSTER);
      checkReadBack(files, options.withDedupe(dedupe));
    }
  }

  /** With blocks of 512 bytes 1 MiB is a block more than an index can express. */
  @Test
  void theLargestPclusterOfTheSmallestBlocksIsFilled() throws IOException {
    byte[] text = MixedContent.TEXT.bytes(new Random(SEED), Extents.MAX_LENGTH);
    byte[] noise = MixedContent.NOISE.bytes(new Random(SEED), (1 << 20) - 16_384);
    System.arraycopy(noise, 0, text, 0, noise.length);
    WriteOptions options = compressed(PLAIN.withBlockBits(9), "lz4", WriteOptions.MAX_PCLUSTER);
    checkReadBack(Map.of("file", text), options);
  }

  @Test
  void equalPclustersAreStoredOnceAndSharedByFilesWithFullIndexes() throws IOException {
    byte[] text = MixedContent.TEXT.bytes(new Random(SEED), 1_000_000);
    Map<String, byte[]> files = new LinkedHashMap<>();
    IntStream.range(0, 10).forEach(i -> files.put("copy-" + i, text));
    WriteOptions options = compressed(PLAIN, "lz4", 64 << 10);
    long ten = checkReadBack(files, options);
    long shared = checkReadBack(files, options.withDedupe(true));
    long one = checkReadBack(Map.of("copy", text), options);
    assertThat(ten).isGreaterThan(9 * (one - 8192));
    assertThat(shared).isLessThan(one + 10 * 3000);
  }

  @Test
  void aFileThatShrinksIsCompressedUnlessItIsForDirectReads() throws IOException {
    byte[] text = MixedContent.TEXT.bytes(new Random(SEED), 100_000);
    byte[] noise = MixedContent.NOISE.bytes(new Random(SEED), 100_000);
    Path image =
        write(
            archive(Map.of("text", text, "noise", noise, "text.db", text)),
            compressed(PLAIN, "lz4", 64 << 10).withDirect(List.of(PathPattern.of("*.db"))));
    try (ImageFiles read = ImageFiles.open(image)) {
      assertThat(read.get("text").layout()).isEqualTo(DataLayout.COMPRESSED_COMPACT);
      assertThat(read.get("noise").layout()).isEqualTo(DataLayout.FLAT_INLINE);
      assertThat(read.get("text.db").layout()).isEqualTo(DataLayout.FLAT_PLAIN);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lz4", "lz4hc:1", "zstd:1", "deflate:1", "lzma:0"})
  void neitherThreadsNorTheRunShowInTheBytes(String compression) throws IOException {
    Random random = new Random(SEED);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < 30; i++) {
      files.put("small-" + i, MixedContent.PARTS.bytes(random, random.nextInt(30_000)));
    }
    files.put("large", MixedContent.PARTS.bytes(random, Extents.MAX_LENGTH + 100_000));
    WriteOptions options = compressed(PLAIN, compression, 64 << 10).withDedupe(true);
    byte[] one = Files.readAllBytes(write(archive(files), options.withThreads(1)));
    byte[] again = Files.readAllBytes(write(archive(files), options.withThreads(1)));
    byte[] many = Files.readAllBytes(write(archive(files), options.withThreads(5)));
    assertThat(Arrays.mismatch(one, again)).isEqualTo(-1);
    assertThat(Arrays.mismatch(one, many)).isEqualTo(-1);
  }

  @Test
  void aHigherLevelMakesASmallerImage() throws IOException {
    byte[] parts = MixedContent.PARTS.bytes(new Random(SEED), 200_000);
    for (String method : List.of("lz4hc", "zstd", "deflate", "lzma")) {
      Compression.Method known = Compression.parse(method).method();
      WriteOptions options = compressed(PLAIN, method + ":" + known.minLevel(), 1 << 20);
      long low = Files.size(write(archive(Map.of("f", parts)), options));
      int high = Math.min(known.maxLevel(), 15);
      options = compressed(PLAIN, method + ":" + high, 1 << 20);
      assertThat(checkReadBack(Map.of("f", parts), options)).as(method).isLessThanOrEqualTo(low);
    }
  }

  private static TarBytes archive(Map<String, byte[]> files) {
    TarBytes tar = new TarBytes();
    files.forEach((path, content) -> tar.entry(path, '0', 0644, "", content));
    return tar;
  }

  private Path write(TarBytes tar, WriteOptions options) throws IOException {
    Path image = directory.resolve("image.erofs");
    TarImporter.importTar(new ByteArrayInputStream(tar.end()), image, options);
    return image;
  }

  private long checkReadBack(Map<String, byte[]> files, WriteOptions options) throws IOException {
    return checkReadBack(archive(files), files, options);
  }

  /** Returns the size of the image, bytes. */
  private long checkReadBack(TarBytes tar, Map<String, byte[]> files, WriteOptions options)
      throws IOException {
    Path image = write(tar, options);
    try (ImageFiles read = ImageFiles.open(image)) {
      assertThat(read.paths()).hasSameSizeAs(files.keySet());
      for (var file : files.entrySet()) {
        Inode inode = read.get(file.getKey());
        assertThat(inode.size()).isEqualTo(file.getValue().length);
        assertThat(Arrays.mismatch(read.bytes(file.getKey()), file.getValue()))
            .as("%s, seed %d, %s, %s", file.getKey(), SEED, inode.layout(), options)
            .isEqualTo(-1);
      }
    }
    return Files.size(image);
  }
}
