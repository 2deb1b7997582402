package io.lazerofs.snapshotter.standalone;

import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where something is or is to be mounted.
 *
 * @param path absolute and without symbolic links
 */
record MountPoint(Path path) {
  private static final int ID_DIGITS = 16;

  /**
   * Returns the mount point that a user names. Works as well when what is mounted there does not
   * answer any more, since the directory itself is not looked at.
   *
   * @throws IOException when the directory that holds it cannot be resolved
   */
  static MountPoint of(Path named) throws IOException {
    Path absolute = named.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    if (parent == null || absolute.getFileName() == null) {
      throw new IOException(named + ": nothing can be mounted on the root directory");
    }
    return Files.isSymbolicLink(absolute)
        ? new MountPoint(absolute.toRealPath())
        : new MountPoint(parent.toRealPath().resolve(absolute.getFileName()));
  }

  /** Throws what a user has to know when this is no directory to mount on. */
  void requireDirectory() throws IOException {
    if (!Files.exists(path)) {
      throw new IOException(path + ": there is no such directory to mount on; create it first");
    }
    if (!Files.isDirectory(path)) {
      throw new IOException(path + ": not a directory, so nothing can be mounted on it");
    }
  }

  /** Returns a name for this mount point that can be a file's. */
  String id() {
    return Digest.of(path.toString().getBytes(StandardCharsets.UTF_8))
        .hex()
        .substring(0, ID_DIGITS);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
