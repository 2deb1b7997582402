package io.lazerofs.fuse;

/**
 * The attributes of a node, as stat(2) shows them.
 *
 * @param inode the inode number
 * @param size bytes
 * @param blocks allocated space in units of 512 bytes
 * @param seconds time of last modification, seconds since the epoch; all three times show it
 * @param nanoseconds 0 to 999,999,999
 * @param mode type and permission bits
 * @param rdev device number of a device node in the kernel's 32-bit encoding (new_encode_dev)
 * @param blockSize preferred unit of reading, bytes
 */
public record Attributes(
    long inode,
    long size,
    long blocks,
    long seconds,
    int nanoseconds,
    int mode,
    int links,
    int uid,
    int gid,
    int rdev,
    int blockSize) {
  private static final int TYPE_MASK = 0xf000;
  private static final int DIRECTORY = 0x4000;

  /** Whether the node is a directory. */
  public boolean isDirectory() {
    return (mode & TYPE_MASK) == DIRECTORY;
  }
}
