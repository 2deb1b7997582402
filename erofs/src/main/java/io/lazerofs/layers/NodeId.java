package io.lazerofs.layers;

import io.lazerofs.erofs.UnsupportedFeatureException;

/** Node ids of layers: {@code layer index << 48 | nid}. */
public final class NodeId {
  /** The lowest layer index: the ids below belong to the root. */
  public static final int FIRST_LAYER = 1;

  /** The highest layer index: overlayfs's xino takes the bits above. */
  public static final int LAST_LAYER = 8191;

  private static final int NID_BITS = 48;
  private static final long NID_MASK = (1L << NID_BITS) - 1;

  private NodeId() {}

  /**
   * Returns the node id of an inode.
   *
   * @param nid an inode number as the image has it
   * @throws UnsupportedFeatureException when the number does not fit
   */
  public static long of(int layer, long nid) throws UnsupportedFeatureException {
    if ((nid & ~NID_MASK) != 0) {
      throw new UnsupportedFeatureException("inode number of more than 48 bits", nid);
    }
    return (long) layer << NID_BITS | nid;
  }

  /** Returns the layer index; 0 for a node of no layer. */
  public static int layer(long node) {
    return (int) (node >>> NID_BITS);
  }

  /** Returns the inode number within the layer's image. */
  public static long nid(long node) {
    return node & NID_MASK;
  }
}
