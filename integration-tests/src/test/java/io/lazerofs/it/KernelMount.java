package io.lazerofs.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's mount of an image on a loop device, for as long as this is open. Needs root. */
final class KernelMount implements AutoCloseable {
  private final Path directory;

  KernelMount(Path image) throws IOException, InterruptedException {
    directory = Files.createTempDirectory("lazerofs-kernel-mount");
    boolean mounted = false;
    try {
      Command.run(directory, "mount", "-t", "erofs", "-o", "loop,ro", image + "", directory + "");
      mounted = true;
    } finally {
      if (!mounted) {
        Files.delete(directory);
      }
    }
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() {
    try {
      Command.run(directory.resolveSibling("."), "umount", directory.toString());
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
