package io.lazerofs.snapshotter.cli;

import io.lazerofs.erofs.write.ImportSummary;
import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.snapshotter.progress.Sizes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lazerofs mkfs}: an EROFS image from a tar stream. */
@Command(
    name = "mkfs",
    description = "Make an EROFS image of a tar archive; whiteouts become those of overlayfs.")
final class MkfsCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "OUT.erofs",
      description = "The image; a file of that name is replaced.")
  private Path image;

  @Parameters(
      index = "1",
      paramLabel = "SOURCE",
      description = "A tar archive, plain or compressed by gzip, zstd or xz; - for standard input.")
  private String source;

  @Mixin private ImageOptions imageOptions;
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  MkfsCommand() {}

  @Override
  public Integer call() throws IOException {
    WriteOptions options = imageOptions.writeOptions();
    try (InputStream tar = source.equals("-") ? System.in : Files.newInputStream(Path.of(source))) {
      ImportSummary summary = TarImporter.importTar(tar, image, options);
      spec.commandLine()
          .getOut()
          .printf("%s: %d files, %s%n", image, summary.entries(), Sizes.text(summary.imageBytes()));
      return 0;
    } catch (io.lazerofs.tar.TarException e) {
      throw new IOException(source + ": " + e.getMessage(), e);
    }
  }
}
