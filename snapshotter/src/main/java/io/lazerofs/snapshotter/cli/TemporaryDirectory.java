package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.mount.FileTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory for the files of one command, gone with all that is in it when the command ends, also
 * when it is interrupted.
 */
final class TemporaryDirectory implements AutoCloseable {
  private final Path path;
  private final Thread atExit;

  private TemporaryDirectory(Path path) {
    this.path = path;
    this.atExit = new Thread(this::delete, "delete-" + path.getFileName());
  }

  /** Makes one below {@code parent}, which is made as well when it is missing. */
  static TemporaryDirectory in(Path parent) throws IOException {
    Files.createDirectories(parent);
    TemporaryDirectory directory =
        new TemporaryDirectory(Files.createTempDirectory(parent, "lazerofs-"));
    Runtime.getRuntime().addShutdownHook(directory.atExit);
    return directory;
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    delete();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  private void delete() {
    try {
      FileTree.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
