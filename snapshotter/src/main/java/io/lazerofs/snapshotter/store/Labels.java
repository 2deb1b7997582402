package io.lazerofs.snapshotter.store;

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
   * The chain id of the layer below, where containerd prepares layers all at once and without their
   * parents (core/unpack/unpacker.go).
   */
  public static final String PARENT_CHAIN_ID = "containerd.io/snapshot/parent-chain-id";

  private Labels() {}

  /** Returns the labels without those of no value, which containerd takes for absent. */
  static Map<String, String> withoutEmpty(Map<String, String> labels) {
    Map<String, String> kept = new HashMap<>(labels);
    kept.values().removeIf(String::isEmpty);
    return kept;
  }
}
