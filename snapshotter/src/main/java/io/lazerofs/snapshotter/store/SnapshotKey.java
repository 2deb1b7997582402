package io.lazerofs.snapshotter.store;

import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import java.nio.charset.StandardCharsets;

/** What can be the key or the name of a snapshot: any text that is neither empty nor too long. */
public final class SnapshotKey {
  /** The longest that containerd's own store takes (bbolt's MaxKeySize), bytes. */
  private static final int LONGEST = 32_768;

  private SnapshotKey() {}

  /**
   * Requires what can be a key or a name.
   *
   * @throws InvalidArgument when it is none
   */
  public static void requireValid(String key) throws InvalidArgument {
    if (key.isEmpty()) {
      throw new InvalidArgument("a snapshot needs a key or name that is not empty");
    }
    int length = key.getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST) {
      throw new InvalidArgument(
          "a key or name has at most %d bytes, this one has %d".formatted(LONGEST, length));
    }
  }
}
