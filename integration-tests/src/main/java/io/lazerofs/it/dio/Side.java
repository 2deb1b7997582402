package io.lazerofs.it.dio;

import io.lazerofs.it.tree.RawFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image that is mounted, and an overlayfs above that mount. Needs root. */
final class Side implements AutoCloseable {
  private static final long READ_ONLY = 1;

  private final Closing closing = new Closing();
  private final Roots roots;

  /** Mounts something on a directory. */
  @FunctionalInterface
  interface Mounter {
    /**
     * @param closing takes how it is undone
     * @return where the image's root is then, at or below the directory
     */
    Path mount(Path directory, Closing closing) throws IOException, InterruptedException;
  }

  private Side(Path directory, Mounter mounter) throws IOException, InterruptedException {
    Path overlay = Files.createDirectories(directory.resolve("overlay"));
    // An overlay without an upper layer needs two lower ones.
    Path empty = Files.createDirectories(directory.resolve("empty"));
    try {
      Path plain = mounter.mount(Files.createDirectories(directory.resolve("plain")), closing);
      String options = "lowerdir=" + plain + ":" + empty;
      RawFiles.mount("overlay", overlay.toString(), "overlay", READ_ONLY, options);
      closing.add(() -> RawFiles.unmount(overlay.toString()));
      roots = new Roots(plain.toString(), overlay.toString());
    } catch (IOException | RuntimeException | Error e) {
      try (closing) {
        throw e;
      }
    }
  }

  /**
   * Mounts an image below a directory.
   *
   * @throws IOException when that fails; nothing stays mounted
   */
  static Side mount(Path directory, Mounter mounter) throws IOException, InterruptedException {
    return new Side(directory, mounter);
  }

  Roots roots() {
    return roots;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    closing.close();
  }
}
