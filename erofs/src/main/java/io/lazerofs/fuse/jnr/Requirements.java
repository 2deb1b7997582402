package io.lazerofs.fuse.jnr;

import io.lazerofs.fuse.MountException;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jnr.ffi.LibraryLoader;
import ru.serce.jnrfuse.LibFuse;

/**
 * What a mount by libfuse needs. It is looked at beforehand, since libfuse itself would say on
 * standard error what is missing, in words that tell nobody what to do.
 */
final class Requirements {
  private static final String LIBRARY = "libfuse.so.2";
  private static final Path DEVICE = Path.of("/dev/fuse");

  /** Where libfuse has fusermount from, before it looks at the PATH. */
  private static final String USUAL_PATH = "/usr/bin" + File.pathSeparator + "/bin";

  private final Path mountPoint;
  private final boolean root;

  /**
   * @param root whether it is root who mounts, who needs no helper
   */
  Requirements(Path mountPoint, boolean root) {
    this.mountPoint = mountPoint;
    this.root = root;
  }

  /** Returns the library. */
  LibFuse libfuse() throws MountException {
    try {
      return LibraryLoader.create(LibFuse.class).failImmediately().load(LIBRARY);
    } catch (LinkageError e) {
      throw new MountException(
          mountPoint,
          LIBRARY + " cannot be loaded; install libfuse 2 (Debian: the package libfuse2)",
          e);
    }
  }

  /** Returns the mount point, absolute and without symbolic links; it can be mounted on. */
  Path directory() throws IOException {
    require(Files.exists(mountPoint), "there is no such directory; create it first");
    require(Files.isDirectory(mountPoint), "it is not a directory");
    require(
        root || Files.isWritable(mountPoint),
        "only root may mount on a directory that is not the user's to write to");
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(mountPoint)) {
      require(!entries.iterator().hasNext(), "libfuse mounts on empty directories only");
    }
    return mountPoint.toRealPath();
  }

  /** Looks at the device, and at the program that may mount. */
  void helpers() throws MountException {
    require(
        Files.exists(DEVICE),
        "there is no /dev/fuse; load the fuse module (modprobe fuse) or give the container this"
            + " device");
    require(
        Files.isReadable(DEVICE) && Files.isWritable(DEVICE),
        "this user may not open /dev/fuse; its usual mode is 0666");
    require(
        root || isOnPath("fusermount"),
        "there is no fusermount; install it (Debian: the package fuse3)");
  }

  private static boolean isOnPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + USUAL_PATH;
    return Arrays.stream(path.split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private void require(boolean holds, String otherwise) throws MountException {
    if (!holds) {
      throw new MountException(mountPoint, otherwise);
    }
  }
}
