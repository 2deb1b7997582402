package io.lazerofs.snapshotter.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel's overlayfs can do, or has to be told, in this place.
 *
 * @param index whether it knows the option "index", which then has to be off: with an index, a
 *     lower directory could be part of one mount only
 * @param userXattrs whether it has to keep its attributes where an unprivileged user may: in a user
 *     namespace
 * @param unsynced whether it knows the option "volatile"
 * @param idMapping whether the ids of lower directories can be mapped
 * @param lazyIdMapping whether those of lazy layers can be, too, which lie on FUSE
 */
public record OverlayFeatures(
    boolean index, boolean userXattrs, boolean unsynced, boolean idMapping, boolean lazyIdMapping) {
  private static final Path INDEX_PARAMETER = Path.of("/sys/module/overlay/parameters/index");
  private static final Path ID_MAP = Path.of("/proc/self/uid_map");

  /** What maps all ids to themselves: that of the machine's own namespace. */
  private static final Pattern ALL_IDS = Pattern.compile("\\s*0\\s+0\\s+4294967295\\s*");

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  /** All that the newest kernel has, outside of user namespaces. */
  static final OverlayFeatures ALL = new OverlayFeatures(true, false, true, true, true);

  /** A version of Linux, as far as features go by it. */
  private record Kernel(int major, int minor) {
    static Kernel running() {
      Matcher version = VERSION.matcher(System.getProperty("os.version", ""));
      return version.matches()
          ? new Kernel(Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2)))
          : new Kernel(0, 0);
    }

    boolean atLeast(int otherMajor, int otherMinor) {
      return major > otherMajor || (major == otherMajor && minor >= otherMinor);
    }
  }

  /** Returns those of the running kernel. */
  public static OverlayFeatures ofKernel() throws IOException {
    Kernel kernel = Kernel.running();
    boolean wholeMachine = ALL_IDS.matcher(Files.readString(ID_MAP)).matches();
    return new OverlayFeatures(
        Files.exists(INDEX_PARAMETER),
        !wholeMachine && kernel.atLeast(5, 11),
        kernel.atLeast(5, 10),
        kernel.atLeast(5, 19),
        kernel.atLeast(6, 12));
  }
}
