package io.lazerofs.snapshotter.store;

import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The labels of snapshots that mean something to a snapshotter, by the names that containerd gives
 * them (core/snapshots/snapshotter.go and pkg/snapshotters/annotations.go).
 */
public final class Labels {
  /**
   * The name that a remote layer has to be committed under. A snapshotter that can serve the layer
   * without unpacking commits it in Prepare and answers that it exists already.
   */
  public static final String TARGET = "containerd.io/snapshot.ref";

  /** The reference of the image that is being pulled. */
  public static final String IMAGE = "containerd.io/snapshot/cri.image-ref";

  /** The digest of the manifest of the image that is being pulled. */
  public static final String MANIFEST_DIGEST = "containerd.io/snapshot/cri.manifest-digest";

  /** The digest of the layer's blob. */
  public static final String LAYER_DIGEST = "containerd.io/snapshot/cri.layer-digest";

  /**
   * The name that containerd wants the parent committed under, from containerd 2.3 on
   * (core/unpack/unpacker.go). A Prepare that has this label and no parent is one of a parallel
   * unpack: the parent comes with the Commit.
   */
  public static final String PARENT_CHAIN_ID = "containerd.io/snapshot/parent-chain-id";

  /**
   * Which ids of a container's users are which of the machine's: {@code CONTAINER:HOST:LENGTH},
   * separated by commas.
   */
  public static final String UID_MAPPING = "containerd.io/snapshot/uidmapping";

  /** Likewise for groups. */
  public static final String GID_MAPPING = "containerd.io/snapshot/gidmapping";

  /**
   * Asks for a mount that never syncs to the disk, whatever its value. containerd itself has no
   * label for that; other snapshotters go by this one.
   */
  public static final String VOLATILE = "containerd.io/snapshot/overlay.volatile";

  /** What containerd allows a label to take, name and value together (pkg/labels), in bytes. */
  private static final int LONGEST = 4096;

  /**
   * What all labels of a snapshot may take, so that a snapshot fits well into a message: bytes. A
   * client takes 4 MiB.
   */
  private static final int LONGEST_TOGETHER = 1 << 20;

  private Labels() {}

  /**
   * Requires labels that can be recorded and listed.
   *
   * @throws InvalidArgument when one has no name, one is too long, or all together are
   */
  public static void requireValid(Map<String, String> labels) throws InvalidArgument {
    long together = 0;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      if (label.getKey().isEmpty()) {
        throw new InvalidArgument("a label needs a name");
      }
      int length = utf8Length(label.getKey()) + utf8Length(label.getValue());
      if (length > LONGEST) {
        throw new InvalidArgument(
            "label \"%.64s\" has %d bytes, at most %d are taken"
                .formatted(label.getKey(), length, LONGEST));
      }
      together += length;
    }
    if (together > LONGEST_TOGETHER) {
      throw new InvalidArgument(
          "%d labels have %d bytes, at most %d are taken"
              .formatted(labels.size(), together, LONGEST_TOGETHER));
    }
  }

  private static int utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Returns the labels without those of no value, which containerd takes for absent. */
  static Map<String, String> withoutEmpty(Map<String, String> labels) {
    Map<String, String> kept = new HashMap<>(labels);
    kept.values().removeIf(String::isEmpty);
    return kept;
  }
}
