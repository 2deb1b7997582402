package io.lazerofs.fuse.jnr;

import io.lazerofs.fuse.FuseOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command line that libfuse is given, as that of a C program which it would serve. */
final class MountArguments {
  private static final Logger log = LoggerFactory.getLogger(MountArguments.class);

  /** For ever, as far as a mount is concerned: 68 years. */
  private static final int FOR_EVER_SECONDS = Integer.MAX_VALUE;

  /** Where root says what other users may ask of fusermount (fusermount(1)). */
  private static final Path PERMISSIONS = Path.of("/etc/fuse.conf");

  private MountArguments() {}

  /**
   * Returns the command line.
   *
   * @param unchanging whether names come and go nowhere
   * @param root whether it is root who mounts, who needs no fusermount and no permission
   */
  static String[] of(Path mountPoint, FuseOptions options, boolean unchanging, boolean root) {
    int nameSeconds = unchanging ? FOR_EVER_SECONDS : 0;
    List<String> mountOptions =
        new ArrayList<>(
            List.of(
                "ro",
                "default_permissions",
                // Inode numbers are the file system's; pages stay over opens.
                "use_ino",
                "kernel_cache",
                "attr_timeout=" + FOR_EVER_SECONDS,
                "entry_timeout=" + nameSeconds,
                "negative_timeout=" + nameSeconds,
                "subtype=lazerofs",
                "fsname=" + escape(options.sourceName())));
    if (root) {
      mountOptions.addAll(List.of("suid", "dev"));
    }
    if (options.allowOther() && (root || mayAllowOthers(PERMISSIONS))) {
      mountOptions.add("allow_other");
    } else if (options.allowOther()) {
      log.info(
          "{} can be used by this user alone: {} has no line user_allow_other",
          mountPoint,
          PERMISSIONS);
    }
    return new String[] {
      "lazerofs", "-f", "-o", String.join(",", mountOptions), mountPoint.toString()
    };
  }

  /** Whether users other than root may let other users in. */
  static boolean mayAllowOthers(Path permissions) {
    try {
      return Files.readAllLines(permissions).stream()
          .anyMatch(line -> line.strip().equals("user_allow_other"));
    } catch (IOException e) {
      return false; // fusermount takes a missing file for one that permits nothing.
    }
  }

  /** Escapes what separates options. */
  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace(",", "\\,");
  }
}
