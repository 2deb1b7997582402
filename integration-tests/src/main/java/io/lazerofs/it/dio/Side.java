package io.lazerofs.it.dio;

import io.lazerofs.it.tree.RawFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image that is mounted, and an overlayfs above that mount. Needs root. */
final class Side implements AutoCloseable {
  private static final long READ_ONLY = 1;

  private final Closing closing = new Closing();
  private final Path plain;
  private final Path overlay;

  /** Mounts something on a directory. */
  @FunctionalInterface
  interface Mounter {
    /**
     * @param closing takes how it is undone
     */
    void mount(Path directory, Closing closing) throws IOException, InterruptedException;
  }

  private Side(Path directory) throws IOException {
    plain = Files.createDirectories(directory.resolve("plain"));
    overlay = Files.createDirectories(directory.resolve("overlay"));
  }

  /**
   * Mounts an image below a directory.
   *
   * @throws IOException when that fails; nothing stays mounted
   */
  static Side mount(Path directory, Mounter mounter) throws IOException, InterruptedException {
    Side side = new Side(directory);
    try {
      mounter.mount(side.plain, side.closing);
      // An overlay without an upper layer needs two lower ones.
      Path empty = Files.createDirectories(directory.resolve("empty"));
      String options = "lowerdir=" + side.plain + ":" + empty;
      RawFiles.mount("overlay", side.overlay.toString(), "overlay", READ_ONLY, options);
      side.closing.add(() -> RawFiles.unmount(side.overlay.toString()));
      return side;
    } catch (IOException | RuntimeException | Error e) {
      try (side) {
        throw e;
      }
    }
  }

  Roots roots() {
    return new Roots(plain.toString(), overlay.toString());
  }

  @Override
  public void close() throws IOException, InterruptedException {
    closing.close();
  }
}
