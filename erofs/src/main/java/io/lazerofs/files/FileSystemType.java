package io.lazerofs.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The type of the file system that something lies on.
 *
 * @param name as /proc/mounts has it; empty when that does not tell
 */
public record FileSystemType(String name) {
  /** What lazerofs mounts. */
  public static final FileSystemType LAZEROFS = new FileSystemType("fuse.lazerofs");

  /** Returns that of a file or, where there is none yet, of the directory it would be made in. */
  public static FileSystemType of(Path path) {
    Path existing = path.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    try {
      return new FileSystemType(Files.getFileStore(existing).type());
    } catch (IOException e) {
      return new FileSystemType("");
    }
  }

  /**
   * Refuses a place that lazerofs itself serves.
   *
   * @throws IOException when {@code path} is one: whoever read from it to answer for it would wait
   *     for itself
   */
  public static void requireNotServed(Path path) throws IOException {
    if (of(path).equals(LAZEROFS)) {
      throw new IOException(
          path
              + ": lies on a mount of lazerofs, which would wait for itself; choose another place");
    }
  }

  /** Whether its files are in memory only, so that there is no device below their page cache. */
  boolean isMemory() {
    return name.equals("tmpfs") || name.equals("ramfs");
  }
}
