package io.lazerofs.snapshotter.prefetch;

import io.lazerofs.erofs.disk.Superblock;
import java.util.Optional;

/**
 * Where the metadata of an image lies together: inodes, xattrs and maps, which every lookup needs.
 *
 * <p>Our writer puts it last, from {@code meta_blkaddr} to the end of the file system, the root
 * first. mkfs.erofs leaves {@code meta_blkaddr} at 0 and mixes metadata with content; there the
 * superblock does not tell.
 *
 * @param offset its first byte in the blob
 * @param length in bytes, as much of it as is worth fetching
 */
record MetadataRegion(long offset, long length) {
  /** At 200 Mbit/s this is on the line for 160 ms. */
  static final long MAX_BYTES = 4 << 20;

  /** The most of a blob that is fetched for its metadata is one part of so many. */
  private static final int SHARE = 4;

  /**
   * Returns the region, cut at its bounds.
   *
   * @param size of the blob in bytes
   * @return empty when the superblock does not tell
   */
  static Optional<MetadataRegion> of(Superblock superblock, long size) {
    int bits = superblock.blockBits();
    long end = Math.min(superblock.blocks(), size >> bits);
    long first = superblock.metaBlock();
    if (first <= 0 || first >= end) {
      return Optional.empty();
    }
    long bytes = Math.min((end - first) << bits, Math.min(MAX_BYTES, size / SHARE));
    // Whole blocks, so that a tiny blob has none.
    long length = bytes >> bits << bits;
    return length == 0 ? Optional.empty() : Optional.of(new MetadataRegion(first << bits, length));
  }
}
