package io.lazerofs.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The mounts of this process, as /proc/self/mountinfo lists them. */
public final class MountTable {
  private MountTable() {}

  /** Returns the lines of all mounts below a directory. */
  public static List<String> below(Path directory) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.split(" ", -1)[4].startsWith(directory + "/"))
        .toList();
  }
}
