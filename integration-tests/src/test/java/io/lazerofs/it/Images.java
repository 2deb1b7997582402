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
    return unpackFile(name + ".erofs.gz", directory);
  }

  /** Unpacks a file, whose name ends in {@code .gz}, into a directory. */
  static Path unpackFile(String name, Path directory) throws IOException {
    Path unpacked = directory.resolve(name.substring(0, name.lastIndexOf('.')));
    try (InputStream in = new GZIPInputStream(Files.newInputStream(resource(name)))) {
      Files.copy(in, unpacked);
    }
    return unpacked;
  }

  /** Returns a file that lies with the images. */
  static Path resource(String name) {
    return FIXTURES.resolve(name);
  }
}
