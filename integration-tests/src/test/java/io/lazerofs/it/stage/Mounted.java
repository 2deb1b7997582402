package io.lazerofs.it.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fuse.sys.MountCalls;
import io.lazerofs.snapshotter.proto.Mount;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A mount of a snapshot, made as containerd makes it (core/mount/mount_linux.go); closing it
 * unmounts.
 */
public final class Mounted implements AutoCloseable {
  /** Flags of mount(2): include/uapi/linux/mount.h. */
  private static final long BIND = 4096;

  private static final long RECURSIVE = 16384;
  private static final long REMOUNT = 32;

  /** From this length on containerd shortens options, 512 bytes before a page is full. */
  private static final int LONG_OPTIONS = 4096 - 512;

  private static final String LOWERS = "lowerdir=";

  private final Path directory;

  private Mounted(Path directory) {
    this.directory = directory;
  }

  /** Mounts on a directory. */
  public static Mounted on(Path directory, List<Mount> mounts) throws IOException {
    assertThat(mounts).hasSize(1);
    var mount = mounts.getFirst();
    var options = mount.getOptionsList();
    long readOnly = options.contains("ro") ? MountCalls.READ_ONLY : 0;
    if (mount.getType().equals("bind")) {
      MountCalls.mount(mount.getSource(), directory, "", BIND | RECURSIVE, "");
      if (readOnly != 0) {
        // The kernel takes the flag of a bind mount only when it is mounted again.
        MountCalls.mount("", directory, "", BIND | REMOUNT | readOnly, "");
      }
    } else {
      var data = String.join(",", options);
      if (data.length() < LONG_OPTIONS) {
        MountCalls.mount(mount.getSource(), directory, mount.getType(), readOnly, data);
      } else {
        mountFromRoot(directory, data);
      }
    }
    return new Mounted(directory);
  }

  /** Takes over what a program has mounted on a directory. */
  public static Mounted at(Path directory) {
    return new Mounted(directory);
  }

  /** Mounts an overlay whose lower directories are named from the one that all are in. */
  private static void mountFromRoot(Path directory, String data) throws IOException {
    var lowers = data.substring(data.indexOf(LOWERS) + LOWERS.length()).split(":");
    var root = Path.of(lowers[0]);
    for (var lower : lowers) {
      while (!Path.of(lower).startsWith(root)) {
        root = root.resolveSibling("").toAbsolutePath().normalize();
      }
    }
    var shortened = data.replace(":" + root + "/", ":").replace(LOWERS + root + "/", LOWERS);
    var mount =
        new ProcessBuilder("mount", "-t", "overlay", "-o", shortened, "overlay", directory + "")
            .directory(root.toFile())
            .inheritIO()
            .start();
    try {
      assertThat(mount.waitFor()).as(shortened).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  /** Where it is mounted. */
  public Path directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    MountCalls.unmount(directory, 0);
  }
}
