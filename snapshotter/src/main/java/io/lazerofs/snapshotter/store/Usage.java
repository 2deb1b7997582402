package io.lazerofs.snapshotter.store;

/**
 * What something takes on this machine's disk.
 *
 * @param size bytes that are allocated
 * @param inodes files and directories, those with several names counted once
 */
public record Usage(long size, long inodes) {
  public static final Usage NONE = new Usage(0, 0);
}
