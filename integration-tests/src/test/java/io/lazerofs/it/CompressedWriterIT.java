package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.disk.Algorithm;
import io.lazerofs.erofs.write.PathPattern;
import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.erofs.write.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernel mounts images with every option, and finds in them what was put in: files around every
 * border of blocks and pclusters, that compress well, badly, not at all or in parts.
 */
final class CompressedWriterIT {
  private static final long SEED = 20_261_122L;

  @TempDir Path directory;

  /** Each option alone, each algorithm, and what is large against its blocks. */
  static Stream<WriteOptions> options() {
    WriteOptions plain = WriteOptions.defaults().withThreads(2);
    WriteOptions small = plain.withBlockBits(9);
    return Stream.of(
        plain,
        small,
        plain.withDedupe(true),
        plain.withChunks(4096).withDedupe(true),
        plain.withChunks(64 << 10),
        compressed(plain, "lz4", 4096),
        compressed(plain, "lz4", 64 << 10),
        compressed(plain, "lz4", 64 << 10).withDedupe(true),
        compressed(plain, "lz4hc", 64 << 10),
        compressed(plain, "zstd", 1 << 20),
        compressed(plain, "deflate:1", 64 << 10),
        compressed(plain, "deflate:9", 64 << 10),
        compressed(plain, "lzma:0", 64 << 10),
        // The kernel allows LZ4 fewer blocks than a pcluster of 1 MiB has.
        compressed(small, "lz4", 1 << 20),
        compressed(small, "zstd", 64 << 10).withDedupe(true));
  }

  private static WriteOptions compressed(WriteOptions options, String compression, int pcluster) {
    return options.withCompression(Compression.parse(compression), pcluster);
  }

  @ParameterizedTest
  @MethodSource("options")
  void everyFileReadsBackFromTheKernel(WriteOptions options) throws Exception {
    System.out.println("seed " + SEED);
    Map<String, byte[]> files = files(new Random(SEED), options);
    check(files, importFiles(files, options.withDirect(List.of(PathPattern.of("*7")))));
    boolean lz4 = options.compression().map(used -> used.algorithm() == Algorithm.LZ4).orElse(true);
    if (lz4 && options.blockSize() == 4096) {
      // Version 1.5 knows no more than this.
      Command.run(directory, "fsck.erofs", directory.resolve("image.erofs").toString());
    }
  }

  /** Several blocks share a page, and small files would lie beside their inodes in any of them. */
  @ParameterizedTest
  @ValueSource(strings = {"lz4", "zstd", "deflate:1", "lzma:0"})
  void smallFilesOfBlocksBelowAPageReadBack(String compression) throws Exception {
    for (int bits : new int[] {9, 10, 11}) {
      WriteOptions options =
          compressed(WriteOptions.defaults().withBlockBits(bits), compression, 4096);
      Random random = new Random(SEED);
      Map<String, byte[]> files = new LinkedHashMap<>();
      for (int i = 0; i < 300; i++) {
        files.put("file-" + i, content(random, 50 + random.nextInt(4 << bits), 2));
      }
      check(files, importFiles(files, options));
    }
  }

  @Test
  void holesOfSparseFilesReadBackAsZeros() throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    byte[] text = content(new Random(SEED), 300_000, 2);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int hole : new int[] {4096, 100_000, 3_000_000}) {
      byte[] content = new byte[2 * text.length + hole + 5];
      System.arraycopy(text, 0, content, 0, text.length);
      System.arraycopy(text, 0, content, text.length + hole, text.length);
      files.put("hole-of-" + hole, content);
      try (FileChannel file =
          FileChannel.open(
              source.resolve("hole-of-" + hole),
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE,
              StandardOpenOption.SPARSE)) {
        file.write(ByteBuffer.wrap(text), 0);
        file.write(ByteBuffer.wrap(text), (long) text.length + hole);
        file.write(ByteBuffer.wrap(new byte[5]), 2L * text.length + hole);
      }
    }
    Command.run(source, "tar", "--create", "--sparse", "--format=pax", "--file=../tar", ".");
    Path image = directory.resolve("image.erofs");
    try (InputStream tar = Files.newInputStream(directory.resolve("tar"))) {
      TarImporter.importTar(tar, image, compressed(WriteOptions.defaults(), "lz4", 64 << 10));
    }
    try (KernelMount mount = new KernelMount(image)) {
      checkContent(files, mount.directory());
    }
  }

  @Test
  void equalContentIsStoredOnce() throws Exception {
    byte[] text = content(new Random(SEED), 2_000_000, 2);
    Map<String, byte[]> files = new LinkedHashMap<>();
    WriteOptions options = compressed(WriteOptions.defaults(), "lz4", 64 << 10);
    files.put("copy-0", text);
    long one = Files.size(importFiles(files, options));
    IntStream.range(1, 10).forEach(i -> files.put("copy-" + i, text));
    Path image = importFiles(files, options.withDedupe(true));
    // An index has eight bytes for each block.
    assertThat(Files.size(image)).isLessThan(one + 10 * (text.length / 4096 * 8 + 4096));
    check(files, image);
  }

  @Test
  void neitherTheNumberOfThreadsNorTheRunShows() throws Exception {
    WriteOptions options =
        WriteOptions.defaults().withCompression(Compression.parse("zstd"), 64 << 10);
    Map<String, byte[]> files = files(new Random(SEED), options);
    byte[] one = Files.readAllBytes(importFiles(files, options.withThreads(1)));
    byte[] many = Files.readAllBytes(importFiles(files, options.withThreads(7)));
    byte[] again = Files.readAllBytes(importFiles(files, options.withThreads(7)));
    assertThat(Arrays.mismatch(one, many)).isEqualTo(-1);
    assertThat(Arrays.mismatch(one, again)).isEqualTo(-1);
  }

  private static void check(Map<String, byte[]> files, Path image) throws Exception {
    try (KernelMount mount = new KernelMount(image)) {
      checkContent(files, mount.directory());
      for (var file : files.entrySet()) {
        Path path = mount.directory().resolve(file.getKey());
        long milliseconds = 1000L * file.getValue().length;
        assertThat(Files.getLastModifiedTime(path).toMillis()).isEqualTo(milliseconds);
        assertThat(Files.getAttribute(path, "unix:mode")).isEqualTo(0100640);
      }
    }
  }

  private static void checkContent(Map<String, byte[]> files, Path mounted) throws IOException {
    for (var file : files.entrySet()) {
      Path path = mounted.resolve(file.getKey());
      assertThat(Arrays.mismatch(Files.readAllBytes(path), file.getValue()))
          .as("seed %d, %s of %d bytes", SEED, path, file.getValue().length)
          .isEqualTo(-1);
    }
  }

  /** Returns files by name; their times are their sizes in seconds. */
  private static Map<String, byte[]> files(Random random, WriteOptions options) {
    int block = options.blockSize();
    int pcluster = options.pclusterBytes();
    int[] sizes = {
      0,
      1,
      100,
      block - 40,
      block - 32,
      block - 1,
      block,
      block + 1,
      2 * block - 1,
      2 * block,
      2 * block + 1,
      5 * block + 77,
      17 * block + 3,
      pcluster - 1,
      pcluster,
      pcluster + 1,
      3 * pcluster + 5,
      (2 << 20) - 1,
      2 << 20,
      (2 << 20) + block + 1
    };
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int size : sizes) {
      for (int kind = 0; kind < 5; kind++) {
        // Of the largest files those are enough that compress in parts.
        if (size < 1 << 18 || kind == 4) {
          files.put("file-" + files.size(), content(random, size, kind));
        }
      }
    }
    for (String name : List.copyOf(files.keySet()).subList(20, 50)) {
      files.put(name + "-again", files.getOrDefault(name, new byte[0]));
    }
    return files;
  }

  /** Returns zeros, noise, text, or stretches of them. */
  private static byte[] content(Random random, int size, int kind) {
    byte[] content = new byte[size];
    switch (kind) {
      case 0 -> {}
      case 1 -> random.nextBytes(content);
      case 2 -> text(random, content, 0, size);
      default -> {
        int end;
        for (int start = 0; start < size; start = end) {
          end = Math.min(size, start + 1 + random.nextInt(kind == 3 ? 5_000 : 200_000));
          if (random.nextBoolean()) {
            text(random, content, start, end);
          } else {
            byte[] noise = new byte[end - start];
            random.nextBytes(noise);
            System.arraycopy(noise, 0, content, start, noise.length);
          }
        }
      }
    }
    return content;
  }

  private static void text(Random random, byte[] content, int start, int end) {
    for (int i = start; i < end; i++) {
      boolean repeat = i >= start + 40 && random.nextInt(8) > 0;
      content[i] = repeat ? content[i - 40] : (byte) ('a' + random.nextInt(20));
    }
  }

  private Path importFiles(Map<String, byte[]> files, WriteOptions options) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (var file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        entry.setMode(0640);
        entry.setModTime(new Date(1000L * file.getValue().length));
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    Path image = directory.resolve("image.erofs");
    TarImporter.importTar(new ByteArrayInputStream(bytes.toByteArray()), image, options);
    return image;
  }
}
