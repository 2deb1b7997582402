package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.codec.Compression;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The heap that an import needs, which is that of a Java machine of its own. */
final class ImportMemoryTest {
  private static final int FILES = 100_000;
  private static final int BIG_FILES = 4;
  private static final int BIG = 64 << 20;

  @TempDir Path directory;

  /** Imports standard input. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws IOException {
      WriteOptions options = WriteOptions.defaults().withDedupe(Boolean.parseBoolean(arguments[1]));
      if (arguments.length > 2) {
        options =
            options.withCompression(Compression.parse(arguments[2]), WriteOptions.DEFAULT_PCLUSTER);
      }
      System.out.println(TarImporter.importTar(System.in, Path.of(arguments[0]), options));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "true", "false lz4", "true lz4"})
  void manyFilesAndLargeOnesFitAHeapOf80Mebibytes(String options) throws Exception {
    Path output = directory.resolve("image.erofs");
    List<String> command = new ArrayList<>();
    Collections.addAll(
        command,
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx80m",
        "-cp",
        System.getProperty("java.class.path"),
        Child.class.getName(),
        output.toString());
    Collections.addAll(command, options.split(" "));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (OutputStream tar = new BufferedOutputStream(child.getOutputStream(), 1 << 20)) {
      writeArchive(tar);
    }
    String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(child.waitFor()).isZero();
    long contentBytes = (long) BIG_FILES * BIG;
    assertThat(printed)
        .contains("entries=" + (FILES + BIG_FILES), "contentBytes=" + contentBytes + ",");
    // The large files are all the same.
    long stored = options.startsWith("true") ? BIG : contentBytes;
    assertThat(Files.size(output)).isBetween(stored, stored + FILES * 200L);
  }

  private static void writeArchive(OutputStream tar) throws IOException {
    byte[] content = new byte[BIG];
    new Random(1).nextBytes(content);
    for (int i = 0; i < FILES; i++) {
      String path = "directory-" + i / 1000 + "/a-file-of-a-long-name-" + i;
      byte[] header = TarBytes.header(path, '0', 0644, "", 0);
      TarBytes.octal(header, 136, 12, i);
      TarBytes.checksum(header);
      tar.write(header);
      if (i % (FILES / BIG_FILES) == 0) {
        byte[] big = TarBytes.header("big-" + i, '0', 0644, "", BIG);
        TarBytes.checksum(big);
        tar.write(big);
        tar.write(content);
      }
    }
    tar.write(new byte[1024]);
  }
}
