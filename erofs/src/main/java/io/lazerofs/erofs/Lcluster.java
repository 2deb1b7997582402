package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.LclusterType;

/**
 * What an index says about one logical cluster, whichever form the index has.
 *
 * @param type what begins in the cluster
 * @param clusterOffset where in the cluster it begins
 * @param back for {@link LclusterType#NONHEAD}, how many clusters before this one the pcluster may
 *     begin; 0 is never right
 * @param on for {@link LclusterType#NONHEAD}, after how many clusters the next pcluster may begin,
 *     at least 1
 * @param blocks for the first {@link LclusterType#NONHEAD} behind a head, the pcluster's blocks;
 *     {@link #UNKNOWN} elsewhere
 * @param block otherwise the pcluster's first block
 * @param partial whether the pcluster decodes to more than the file uses
 * @param hole whether there are zeros instead of a pcluster
 */
record Lcluster(
    LclusterType type,
    int clusterOffset,
    int back,
    int on,
    int blocks,
    long block,
    boolean partial,
    boolean hole) {

  /** No number of {@link #blocks} is here. */
  static final int UNKNOWN = -1;

  static Lcluster head(
      LclusterType type, int clusterOffset, long block, boolean partial, boolean hole) {
    return new Lcluster(type, clusterOffset, 0, 0, UNKNOWN, block, partial, hole);
  }

  static Lcluster nonHead(int back, int on, int blocks) {
    // Images from before erofs-utils 1.0 have no distance on.
    return new Lcluster(LclusterType.NONHEAD, 0, back, Math.max(on, 1), blocks, 0, false, false);
  }

  boolean isHead() {
    return type != LclusterType.NONHEAD;
  }
}
