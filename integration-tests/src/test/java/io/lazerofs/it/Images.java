package io.lazerofs.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The conformance images that the module of the reader keeps with its tests. */
final class Images {
  private static final Path FIXTURES = Path.of("..", "erofs", "src", "test", "resources", "erofs");

  private Images() {}

  /** Unpacks an image into a directory. */
  static Path unpack(String name, Path directory) throws IOException {
    Path image = directory.resolve(name + ".erofs");
    Path packed = FIXTURES.resolve(name + ".erofs.gz");
    try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
      Files.copy(in, image);
    }
    return image;
  }
}
