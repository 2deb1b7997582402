package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.standalone.ImageFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The arguments that name an image in a file. */
final class ImageArguments {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "An EROFS image in a file.")
  private Path image;

  @Option(
      names = "--device",
      paramLabel = "BLOB",
      description = "An extra device of the image, in the order of its device table.")
  private List<Path> devices = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  ImageArguments() {}

  Path image() {
    return image;
  }

  /** Opens the files; the caller closes them. */
  ImageFile open() throws IOException {
    return ImageFile.open(image, devices);
  }
}
