package io.lazerofs.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The conformance images that the module of the reader keeps with its tests. */
final class Images {
  static final Path FIXTURES = Path.of("..", "erofs", "src", "test", "resources", "erofs");

  private Images() {}

  /** Unpacks an image into a directory. */
  static Path unpack(String name, Path directory) throws IOException {
    return unpackFile(name + ".erofs", directory);
  }

  /** Unpacks a file of an image into a directory. */
  static Path unpackFile(String name, Path directory) throws IOException {
    Path file = directory.resolve(name);
    Path packed = FIXTURES.resolve(name + ".gz");
    try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
      Files.copy(in, file);
    }
    return file;
  }
}
