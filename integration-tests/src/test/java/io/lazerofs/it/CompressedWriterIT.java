package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.write.PathPattern;
import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.erofs.write.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kernel mounts images with every option, and finds in them what was put in: files around every
 * border of blocks and pclusters, that compress well, badly, not at all or in parts.
 */
final class CompressedWriterIT {
  private static final long SEED = 20_261_122L;

  @TempDir Path directory;

  static Stream<WriteOptions> options() {
    WriteOptions plain = WriteOptions.defaults().withThreads(2);
    Stream<WriteOptions> uncompressed =
        Stream.of(9, 10, 11, 12)
            .map(plain::withBlockBits)
            .flatMap(blocks ->
                Stream.of(
                    blocks,
                    blocks.withDedupe(true),
                    blocks.withChunks(blocks.blockSize()).withDedupe(true),
                    blocks.withChunks(64 << 10)));
    Stream<WriteOptions> compressed =
        Stream.of("lz4", "lz4hc:3", "zstd", "deflate:1", "lzma:0")
            .map(Compression::parse)
            .flatMap(compression ->
                Stream.of(9, 12)
                    .map(plain::withBlockBits)
                    .flatMap(blocks ->
                        Stream.of(blocks.blockSize(), 64 << 10, 1 << 20)
                            .map(pcluster -> blocks.withCompression(compression, pcluster))));
    return Stream.concat(
        uncompressed, compressed.flatMap(some -> Stream.of(some, some.withDedupe(true))));
  }

  @ParameterizedTest
  @MethodSource("options")
  void everyFileReadsBackFromTheKernel(WriteOptions options) throws Exception {
    System.out.println("seed " + SEED);
    Map<String, byte[]> files = files(new Random(SEED), options);
    Path image = importFiles(files, options.withDirect(List.of(PathPattern.of("*7"))));
    if (options.compression().map(used -> used.algorithm().code() == 0).orElse(true)) {
      Command.run(directory, "fsck.erofs", image.toString());
    }
    try (KernelMount mount = new KernelMount(image)) {
      for (var file : files.entrySet()) {
        Path path = mount.directory().resolve(file.getKey());
        assertThat(Arrays.mismatch(Files.readAllBytes(path), file.getValue()))
            .as("seed %d, %s of %d bytes", SEED, path, file.getValue().length)
            .isEqualTo(-1);
        assertThat(Files.getLastModifiedTime(path).toMillis()).isEqualTo(1000L * seconds(file));
        assertThat(Files.getAttribute(path, "unix:mode")).isEqualTo(0100640);
      }
    }
  }

  @Test
  void theNumberOfThreadsDoesNotShow() throws Exception {
    WriteOptions options =
        WriteOptions.defaults().withCompression(Compression.parse("zstd"), 64 << 10);
    Map<String, byte[]> files = files(new Random(SEED), options);
    byte[] one = Files.readAllBytes(importFiles(files, options.withThreads(1)));
    byte[] many = Files.readAllBytes(importFiles(files, options.withThreads(7)));
    assertThat(Arrays.mismatch(one, many)).isEqualTo(-1);
  }

  private static int seconds(Map.Entry<String, byte[]> file) {
    return file.getValue().length;
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
      (2 << 20) + 1,
      (2 << 20) + block + 1,
      5_000_000
    };
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int size : sizes) {
      for (int kind = 0; kind < 5; kind++) {
        // Of the largest files those are enough that compress in parts.
        if (size < 1 << 20 || kind > 2) {
          files.put("file-" + files.size(), content(random, size, kind));
        }
      }
    }
    for (String name : List.copyOf(files.keySet()).subList(20, 60)) {
      files.put(name + "-again", files.getOrDefault(name, new byte[0]));
    }
    for (int i = 0; i < 150; i++) {
      int size = random.nextInt(1 << 3 + random.nextInt(15));
      files.put("random-" + i, content(random, size, random.nextInt(5)));
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
