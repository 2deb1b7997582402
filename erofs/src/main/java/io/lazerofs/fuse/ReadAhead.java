package io.lazerofs.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The read-ahead of a mount, which the kernel caps at 128 KiB until its backing-device entry says
 * otherwise (Documentation/ABI/testing/sysfs-class-bdi).
 *
 * <p>The entry is found by the device number in the mount table, so that the mount itself, which
 * this process serves, is not touched.
 */
final class ReadAhead {
  private static final Path MOUNT_TABLE = Path.of("/proc/self/mountinfo");
  private static final Path DEVICES = Path.of("/sys/class/bdi");

  private ReadAhead() {}

  /**
   * Sets the read-ahead of what is mounted on {@code mountPoint}.
   *
   * @param mountPoint an absolute path without symbolic links
   */
  static void set(Path mountPoint, int kib) throws IOException {
    String device = deviceOf(Files.readAllLines(MOUNT_TABLE, StandardCharsets.UTF_8), mountPoint);
    Files.writeString(DEVICES.resolve(device).resolve("read_ahead_kb"), Integer.toString(kib));
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
