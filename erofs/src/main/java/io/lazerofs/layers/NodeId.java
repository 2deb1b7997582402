package io.lazerofs.layers;

import io.lazerofs.erofs.UnsupportedFeatureException;

/**
 * Node ids of layers: {@code layer index << 48 | nid}.
 *
 * <p>A nid is signed, and bit 63 may stand for the metabox; so it has its bit 63 in bit 47, and its
 * other bits as a signed number in those below.
 */
public final class NodeId {
  /** The lowest layer index: the ids below belong to the root. */
  public static final int FIRST_LAYER = 1;

  /** The highest layer index: overlayfs's xino takes the bits above. */
  public static final int LAST_LAYER = 8191;

  private static final int LAYER_SHIFT = 48;
  private static final long HIGH = 1L << LAYER_SHIFT - 1;

  /** Bits of a node id above the signed number that a nid with bit 63 leaves. */
  private static final int UNSIGNED_BITS = Long.SIZE - LAYER_SHIFT + 1;

  private NodeId() {}

  /**
   * Returns the node id of an inode.
   *
   * @param nid an inode number as the image has it
   * @throws UnsupportedFeatureException when the number does not fit
   */
  public static long of(int layer, long nid) throws UnsupportedFeatureException {
    long inLayer = nid & HIGH - 1 | (nid < 0 ? HIGH : 0);
    if (nid(inLayer) != nid) {
      throw new UnsupportedFeatureException("inode number of more than 47 bits", nid);
    }
    return (long) layer << LAYER_SHIFT | inLayer;
  }

  /** Returns the layer index; 0 for a node of no layer. */
  public static int layer(long node) {
    return (int) (node >>> LAYER_SHIFT);
  }

  /** Returns the inode number within the layer's image. */
  public static long nid(long node) {
    return (node & HIGH) == 0
        ? node & HIGH - 1
        : node << UNSIGNED_BITS >> UNSIGNED_BITS | Long.MIN_VALUE;
  }
}
