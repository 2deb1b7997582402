package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.Dirent;
import java.util.ArrayList;
import java.util.List;

/** The paths of an archive, taken apart and checked. */
final class EntryPath {

  /** PATH_MAX of Linux without the NUL: no unpacker could make a longer one. */
  private static final int MAX_PATH = 4095;

  private EntryPath() {}

  /**
   * Returns the names that a path goes through from the root, none for the root itself. A slash at
   * the start, "." and empty names mean nothing.
   *
   * @throws IllegalArgumentException when the path could leave the root, or Linux has no such names
   */
  static List<String> parse(String path) {
    if (path.length() > MAX_PATH) {
      throw new IllegalArgumentException("a path of " + path.length() + " bytes is too long");
    }
    List<String> names = split(path);
    if (names.contains("..")) {
      throw new IllegalArgumentException("a path with '..' could leave the root");
    }
    names.forEach(EntryPath::check);
    return names;
  }

  /** Returns the names between slashes, "." and empty ones left out. */
  static List<String> split(String path) {
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return names;
  }

  /**
   * Checks the name of a file.
   *
   * @throws IllegalArgumentException when it is too long or has a NUL
   */
  static void check(String name) {
    if (name.length() > Dirent.MAX_NAME) {
      throw new IllegalArgumentException(
          "a name of " + name.length() + " bytes, at most " + Dirent.MAX_NAME + " are allowed");
    }
    if (name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a name with a NUL byte");
    }
  }
}
