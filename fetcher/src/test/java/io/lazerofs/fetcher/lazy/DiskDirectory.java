package io.lazerofs.fetcher.lazy;

import io.lazerofs.files.DeviceFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** A new directory on a disk: what has O_DIRECT is not tested where that does nothing. */
final class DiskDirectory {
  private static final int BLOCK = 4096;

  private DiskDirectory() {}

  /** Makes one; fails when no place for it has O_DIRECT. The caller deletes it. */
  static Path create() {
    List<Path> places =
        List.of(Path.of(System.getProperty("java.io.tmpdir")), Path.of("target").toAbsolutePath());
    try {
      for (Path place : places) {
        Path directory = Files.createTempDirectory(place, "disk");
        if (hasDirectIo(directory)) {
          return directory;
        }
        delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("these tests need a directory with O_DIRECT; none of: " + places);
  }

  private static boolean hasDirectIo(Path directory) throws IOException {
    Path file = Files.write(directory.resolve("probe"), new byte[BLOCK]);
    try (Arena arena = Arena.ofConfined();
        DeviceFile device = DeviceFile.of(file)) {
      return device.read(0, arena.allocate(BLOCK, BLOCK), 0, BLOCK);
    } finally {
      Files.delete(file);
    }
  }

  static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
