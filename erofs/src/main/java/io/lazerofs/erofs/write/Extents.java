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

  /** Adds bytes that are stored as they are, at most {@link #MAX_LENGTH}. */
  void addPlain(int length, long firstBlock) {
    add(length, 0, firstBlock);
  }

  /** Adds a pcluster that decodes to {@code length} bytes. */
  void addCompressed(int length, int blocks, long firstBlock) {
    add(length, blocks, firstBlock);
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

  /** Whether nothing is compressed, and no block but the last is partly used. */
  boolean areFlat() {
    for (int i = 0; i < count; i++) {
      boolean partial = i < count - 1 && (length(i) & (1 << blockBits) - 1) != 0;
      if (!isPlain(i) || partial) {
        return false;
      }
    }
    return areConsecutive();
  }

  private int pclusterBlocks(int extent) {
    return (int) (packed[extent] >>> BLOCKS_SHIFT) & MAX_BLOCKS;
  }

  private void add(int length, int blocks, long firstBlock) {
    if (length < 1 || length > MAX_LENGTH || blocks > MAX_BLOCKS || firstBlock >>> 32 != 0) {
      throw new IllegalArgumentException(
          "no extent: " + length + " bytes in " + blocks + " blocks at " + firstBlock);
    }
    if (count == packed.length) {
      packed = Arrays.copyOf(packed, count * 2);
    }
    packed[count++] = (long) (length - 1) << LENGTH_SHIFT | (long) blocks << BLOCKS_SHIFT | firstBlock;
  }
}
