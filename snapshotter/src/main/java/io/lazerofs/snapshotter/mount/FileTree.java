package io.lazerofs.snapshotter.mount;

import io.lazerofs.files.FileStatus;
import io.lazerofs.snapshotter.store.Usage;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A directory with everything below it; symbolic links are part of it, what they name is not. */
public final class FileTree {
  private FileTree() {}

  /** Deletes it all. What is gone already, or goes meanwhile, is no failure. */
  public static void delete(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            return ifGone(e);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * Returns what it takes on the disk, the directory itself included. A file of several names
   * counts once, and holes count nothing.
   */
  static Usage usage(Path root) throws IOException {
    Counter counter = new Counter();
    Files.walkFileTree(root, counter);
    return new Usage(counter.bytes, counter.inodes);
  }

  /** Adds up what it visits. */
  private static final class Counter extends SimpleFileVisitor<Path> {
    private final Set<Long> linked = new HashSet<>();
    private long bytes;
    private long inodes;

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
        throws IOException {
      return visitFile(directory, attributes);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      FileStatus status;
      try {
        status = FileStatus.of(file);
      } catch (NoSuchFileException gone) {
        return FileVisitResult.CONTINUE;
      }
      if (attributes.isDirectory() || status.links() == 1 || linked.add(status.inode())) {
        bytes += status.allocatedBytes();
        inodes++;
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      return ifGone(e);
    }
  }

  private static FileVisitResult ifGone(IOException e) throws IOException {
    if (e instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw e;
  }
}
