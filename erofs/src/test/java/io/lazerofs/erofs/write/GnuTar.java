package io.lazerofs.erofs.write;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.compressors.CompressorException;
import org.apache.commons.compress.compressors.CompressorStreamFactory;

/** Archives as the tools of the world make them. */
final class GnuTar {
  private GnuTar() {}

  /** Runs {@code tar --create OPTIONS --directory=DIRECTORY .} and returns the archive. */
  static byte[] create(Path directory, String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("tar", "--create", "--sort=name"));
    command.addAll(List.of(options));
    command.addAll(List.of("--directory=" + directory, "."));
    Process tar =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    byte[] archive = tar.getInputStream().readAllBytes();
    if (tar.waitFor() != 0) {
      throw new IOException(command + " failed");
    }
    return archive;
  }

  static List<Path> list(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  /**
   * @param format a name of {@link CompressorStreamFactory}
   */
  static byte[] compress(byte[] bytes, String format) throws IOException, CompressorException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var compressing =
        new CompressorStreamFactory().createCompressorOutputStream(format, out)) {
      new ByteArrayInputStream(bytes).transferTo(compressing);
    }
    return out.toByteArray();
  }
}
