package io.lazerofs.it.dio;

import io.lazerofs.it.fuzz.Original;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An image in files of its own.
 *
 * @param devices its files, the primary device first
 */
record ImageFiles(String name, List<Path> devices) {

  /** Writes an image into a directory. */
  static ImageFiles write(Original image, Path directory) throws IOException {
    List<Path> devices = new ArrayList<>();
    for (byte[] device : image.devices()) {
      devices.add(Files.write(directory.resolve("device" + devices.size()), device));
    }
    return new ImageFiles(image.name(), devices);
  }
}
