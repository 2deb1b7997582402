package io.lazerofs.snapshotter.containerd;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A release line of containerd, as 1.6 or 2.1. */
public record ContainerdVersion(int major, int minor) implements Comparable<ContainerdVersion> {
  /** The first with remote snapshots that lazerofs is tested on. */
  public static final ContainerdVersion OLDEST = new ContainerdVersion(1, 6);

  private static final Pattern WORDS =
      Pattern.compile("v?(?<major>\\d{1,4})\\.(?<minor>\\d{1,4})(?:[.~+-].*)?");
  private static final Comparator<ContainerdVersion> ORDER =
      Comparator.comparingInt(ContainerdVersion::major).thenComparingInt(ContainerdVersion::minor);

  /**
   * Returns the release line of a version, as {@code 1.6}, {@code v2.1.4} or {@code 1.6.20~ds1}.
   *
   * @throws IllegalArgumentException when it is none, or older than {@link #OLDEST}
   */
  public static ContainerdVersion parse(String text) {
    Matcher matcher = WORDS.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no version, as 1.7 or 2.1");
    }
    ContainerdVersion version =
        new ContainerdVersion(
            Integer.parseInt(matcher.group("major")), Integer.parseInt(matcher.group("minor")));
    if (version.compareTo(OLDEST) < 0) {
      throw new IllegalArgumentException(
          "containerd %s is too old: it must be %s or later".formatted(version, OLDEST));
    }
    return version;
  }

  public boolean isAtLeast(int otherMajor, int otherMinor) {
    return compareTo(new ContainerdVersion(otherMajor, otherMinor)) >= 0;
  }

  /** Returns the version of the format that its configuration has when it is written anew. */
  public int format() {
    return major == 1 ? 2 : 3;
  }

  @Override
  public int compareTo(ContainerdVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
