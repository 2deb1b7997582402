package io.lazerofs.erofs.write;

import java.util.Arrays;

/**
 * The extents of a compressed file in the order of its bytes, eight bytes each: what several
 * hundred thousand files need in memory until their inodes are written.
 *
 * <p>An extent is a pcluster with the bytes that it decodes to, or a run of bytes that are stored
 * as they are, in as many blocks as they need.
 */
final class Extents {

  /** The longest extent, bytes. */
  static final int MAX_LENGTH = 1 << 21;

  /** The largest pcluster, blocks: what an index can express besides its flag. */
  static final int MAX_BLOCKS = 0x7ff;

  // Bits 0 to 31 are the first block, 32 to 42 the pcluster's blocks or 0, 43 to 63 length - 1.
  private static final int BLOCKS_SHIFT = 32;
  private static final int LENGTH_SHIFT = 43;

  private final int blockBits;
  private long[] packed = new long[1];
  private int count;

  /** Makes an empty list. */
  Extents(int blockBits) {
    this.blockBits = blockBits;
  }

  /**
   * Adds the next extent.
   *
   * @param length bytes that it decodes to, at most {@link #MAX_LENGTH}
   */
  void add(int length, Place place) {
    int blocks = place.pclusterBlocks();
    if (length < 1 || length > MAX_LENGTH || blocks > MAX_BLOCKS || place.block() >>> 32 != 0) {
      throw new IllegalArgumentException("no extent: " + length + " bytes at " + place);
    }
    if (count == packed.length) {
      packed = Arrays.copyOf(packed, count * 2);
    }
    packed[count++] =
        (long) (length - 1) << LENGTH_SHIFT | (long) blocks << BLOCKS_SHIFT | place.block();
  }

  /** Gives memory back that further extents would have taken. */
  void trim() {
    packed = Arrays.copyOf(packed, count);
  }

  int count() {
    return count;
  }

  /** Returns the decoded length in bytes. */
  int length(int extent) {
    return (int) (packed[extent] >>> LENGTH_SHIFT) + 1;
  }

  long firstBlock(int extent) {
    return packed[extent] & 0xffff_ffffL;
  }

  boolean isPlain(int extent) {
    return pclusterBlocks(extent) == 0;
  }

  /** Returns the blocks that an extent takes. */
  int blocks(int extent) {
    return isPlain(extent)
        ? (length(extent) + (1 << blockBits) - 1) >> blockBits
        : pclusterBlocks(extent);
  }

  /** Returns the blocks that all extents take. */
  long blocks() {
    long blocks = 0;
    for (int i = 0; i < count; i++) {
      blocks += blocks(i);
    }
    return blocks;
  }

  /** Whether each extent begins in the image where the one before it ends. */
  boolean areConsecutive() {
    for (int i = 1; i < count; i++) {
      if (firstBlock(i) != firstBlock(i - 1) + blocks(i - 1)) {
        return false;
      }
    }
    return true;
  }

  /** Whether all is stored as it is, in consecutive blocks of which none but the last has room. */
  boolean areFlat() {
    for (int i = 0; i < count; i++) {
      boolean partial = i < count - 1 && length(i) % (1 << blockBits) != 0;
      if (!isPlain(i) || partial) {
        return false;
      }
    }
    return areConsecutive();
  }

  private int pclusterBlocks(int extent) {
    return (int) (packed[extent] >>> BLOCKS_SHIFT) & MAX_BLOCKS;
  }
}
