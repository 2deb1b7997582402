package io.lazerofs.it.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The conformance images that the reader's module keeps with its tests. */
public final class Corpus {
  private static final String IMAGE = ".erofs.gz";

  private Corpus() {}

  /** Loads all images of a directory, in the order of their names. */
  public static List<Original> load(Path directory) throws IOException {
    List<String> names;
    try (Stream<Path> files = Files.list(directory)) {
      names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(IMAGE))
              .sorted()
              .toList();
    }
    List<Original> originals = new ArrayList<>();
    for (String name : names) {
      originals.add(load(directory, name.substring(0, name.length() - IMAGE.length())));
    }
    return originals;
  }

  /** Loads the image of a name. */
  static Original load(Path directory, String name) throws IOException {
    List<byte[]> devices = new ArrayList<>(List.of(unpack(directory.resolve(name + IMAGE))));
    Path blob = directory.resolve(name + ".blob.gz");
    if (Files.exists(blob)) {
      devices.add(unpack(blob));
    }
    return new Original(name, devices);
  }

  private static byte[] unpack(Path packed) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
      return in.readAllBytes();
    }
  }
}
