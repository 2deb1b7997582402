package io.lazerofs.snapshotter.cli;

import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.erofs.write.ImportSummary;
import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.tar.TarException;
import io.lazerofs.verity.VerityRoot;
import io.lazerofs.verity.VerityTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

  @Option(
      names = "--verity",
      description =
          "Append a hash tree, as veritysetup(8) reads it, and print its root hash and where it"
              + " begins, in bytes.")
  private boolean verity;

  @Mixin private ImageOptions imageOptions;
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  MkfsCommand() {}

  @Override
  public Integer call() throws IOException {
    WriteOptions options = imageOptions.writeOptions();
    if (verity) {
      writeWithTree(options);
    } else {
      say(write(image, options));
    }
    return 0;
  }

  /** Makes the image beside its place, since it has its name only when it is whole. */
  private void writeWithTree(WriteOptions options) throws IOException {
    Path temporary =
        image.resolveSibling("." + image.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      ImportSummary summary = write(temporary, options);
      VerityRoot root = VerityTree.append(temporary).root();
      Files.move(temporary, image, StandardCopyOption.ATOMIC_MOVE);
      say(summary);
      spec.commandLine()
          .getOut()
          .printf("root hash     %s%nhash offset   %d%n", root.hash().hex(), root.hashOffset());
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private void say(ImportSummary summary) {
    spec.commandLine()
        .getOut()
        .printf("%s: %d files, %s%n", image, summary.entries(), Sizes.text(summary.imageBytes()));
  }

  private ImportSummary write(Path target, WriteOptions options) throws IOException {
    return !source.equals("-") && Files.isDirectory(Path.of(source))
        ? DirectoryImporter.importDirectory(Path.of(source), target, options)
        : importTar(target, options);
  }

  private ImportSummary importTar(Path target, WriteOptions options) throws IOException {
    try (InputStream tar = source.equals("-") ? System.in : Files.newInputStream(Path.of(source))) {
      return TarImporter.importTar(tar, target, options);
    } catch (TarException e) {
      throw new IOException(source + ": " + e.getMessage(), e);
    }
  }
}
