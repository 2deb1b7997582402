package io.lazerofs.fuse;

import io.lazerofs.fuse.sys.MountCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The kernel's end of a session, as its control files know it.
 *
 * <p>It is found by the device number in the mount table, so that the mount itself, which this
 * process serves, is not touched.
 *
 * @param device the mount's device number as {@code major:minor}
 */
record Connection(String device) {
  private static final Path MOUNT_TABLE = Path.of("/proc/self/mountinfo");
  private static final Path DEVICES = Path.of("/sys/class/bdi");

  /** The file system of FUSE's control files (Documentation/filesystems/fuse/fuse.rst). */
  private static final String CONTROL = "fusectl";

  /**
   * Returns the connection of what is mounted on {@code mountPoint}.
   *
   * @param mountPoint an absolute path without symbolic links
   */
  static Connection of(Path mountPoint) throws IOException {
    List<String> table = Files.readAllLines(MOUNT_TABLE, StandardCharsets.UTF_8);
    return new Connection(deviceOf(table, mountPoint));
  }

  /**
   * Sets how far the kernel reads ahead, which it caps at 128 KiB until the mount's backing-device
   * entry says otherwise (Documentation/ABI/testing/sysfs-class-bdi).
   */
  void setReadAhead(int kib) throws IOException {
    Files.writeString(DEVICES.resolve(device).resolve("read_ahead_kb"), Integer.toString(kib));
  }

  /**
   * Ends the session: all requests fail, also those of a mount that is detached from the tree.
   *
   * <p>The control files are mounted for the moment: no path on which they are is sure.
   */
  void abort() throws IOException {
    String minor = device.substring(device.indexOf(':') + 1);
    Path control = Files.createTempDirectory("lazerofs-abort");
    try {
      MountCalls.mount(CONTROL, control, CONTROL, 0, "");
      try {
        Path abort = control.resolve(minor).resolve("abort");
        Files.writeString(abort, "1", StandardOpenOption.WRITE);
      } finally {
        MountCalls.unmount(control, MountCalls.DETACH);
      }
    } finally {
      Files.delete(control);
    }
  }

  /**
   * Returns {@code major:minor} of the uppermost mount on a mount point.
   *
   * @param table lines of mountinfo, {@code 36 35 98:0 /mnt1 /mnt/parent rw - ext3 /dev/root rw}
   *     (proc_pid_mountinfo(5))
   */
  static String deviceOf(List<String> table, Path mountPoint) {
    String escaped = escape(mountPoint);
    return table.stream()
        .map(line -> line.split(" ", -1))
        .filter(fields -> fields.length > 4 && fields[4].equals(escaped))
        .map(fields -> fields[2])
        .reduce((_, later) -> later)
        .orElseThrow(() -> new NoSuchElementException("nothing is mounted on " + mountPoint));
  }

  /** Writes a path as the mount table does: blanks and backslashes as octal numbers. */
  private static String escape(Path path) {
    return path.toString()
        .replace("\\", "\\134")
        .replace(" ", "\\040")
        .replace("\t", "\\011")
        .replace("\n", "\\012");
  }
}
