package io.lazerofs.erofs;

import java.io.IOException;

/** The index of a compressed inode: an entry for each of its logical clusters. */
sealed interface LclusterIndex permits FullLclusterIndex, CompactLclusterIndex {

  /**
   * Reads the entry of a cluster.
   *
   * @param lcn number of the cluster, from 0
   */
  Lcluster at(long lcn) throws IOException;

  /** Returns where the entry of a cluster ends, with whatever it is packed with, on its source. */
  long endOf(long lcn);
}
