package io.lazerofs.snapshotter.cli;

import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.erofs.write.ImportSummary;
import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.tar.TarException;
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

/** {@code lazerofs mkfs}: an EROFS image of a tar stream or a directory. */
@Command(
    name = "mkfs",
    description = {
      "Make an EROFS image of a tar archive or of a directory.",
      "An archive is taken for a layer: its whiteouts (.wh.NAME) become those of overlayfs. A"
          + " directory is taken as it is, with all types of files, attributes, holes and hard"
          + " links."
    })
final class MkfsCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "OUT.erofs",
      description = "The image; a file of that name is replaced.")
  private Path image;

  @Parameters(
      index = "1",
      paramLabel = "SOURCE",
      description =
          "A directory, or a tar archive: plain or compressed by gzip, zstd or xz; - for standard"
              + " input.")
  private String source;

  @Mixin private ImageOptions imageOptions;
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  MkfsCommand() {}

  @Override
  public Integer call() throws IOException {
    WriteOptions options = imageOptions.writeOptions();
    ImportSummary summary =
        !source.equals("-") && Files.isDirectory(Path.of(source))
            ? DirectoryImporter.importDirectory(Path.of(source), image, options)
            : importTar(options);
    spec.commandLine()
        .getOut()
        .printf("%s: %d files, %s%n", image, summary.entries(), Sizes.text(summary.imageBytes()));
    return 0;
  }

  private ImportSummary importTar(WriteOptions options) throws IOException {
    try (InputStream tar = source.equals("-") ? System.in : Files.newInputStream(Path.of(source))) {
      return TarImporter.importTar(tar, image, options);
    } catch (TarException e) {
      throw new IOException(source + ": " + e.getMessage(), e);
    }
  }
}
