package io.lazerofs.verity;

/**
 * Where the blocks of a hash tree are in a blob: a superblock after the data, then the levels, the
 * highest, of one block, first (the kernel's drivers/md/dm-verity-target.c). Offsets are in bytes
 * from the blob's start.
 *
 * @param hashOffset the length of the data, and the place of the superblock
 */
public record VerityGeometry(long hashOffset) {
  /** The size of a block, of data and of hashes. */
  public static final int BLOCK_BYTES = 4096;

  /** The size of a hash. */
  public static final int HASH_BYTES = 32;

  /** How many blocks one block of hashes covers, as a power of two. */
  private static final int FAN_OUT_BITS = 7;

  /**
   * Where the hash of a block is kept.
   *
   * @param block the block of hashes that has it
   * @param within where it is in that block
   */
  public record Place(long block, int within) {}

  /** Returns how many blocks are data. */
  public long dataBlocks() {
    return hashOffset / BLOCK_BYTES;
  }

  /** Returns how many levels there are: 0 for one block, whose hash is the root hash itself. */
  public int levels() {
    int levels = 0;
    while ((dataBlocks() - 1) >> (FAN_OUT_BITS * levels) > 0) {
      levels++;
    }
    return levels;
  }

  /** Returns how many blocks a level has, from 0, which has the hashes of data. */
  public long blocks(int level) {
    return ((dataBlocks() - 1) >> (FAN_OUT_BITS * (level + 1))) + 1;
  }

  /** Returns where a level begins. */
  public long levelOffset(int level) {
    long offset = hashOffset + BLOCK_BYTES;
    for (int above = levels() - 1; above > level; above--) {
      offset += blocks(above) * BLOCK_BYTES;
    }
    return offset;
  }

  /** Returns where the tree ends. */
  public long end() {
    return levels() == 0 ? hashOffset + BLOCK_BYTES : levelOffset(-1);
  }

  /**
   * Returns the level of a block: -1 for data, {@link #levels()} for the superblock, whose bytes no
   * hash covers.
   *
   * @param offset of the block, below {@link #end()}
   */
  public int levelOf(long offset) {
    int level = -1;
    while (level < levels() && offset >= hashOffset && offset < levelOffset(level)) {
      level++;
    }
    return level;
  }

  /**
   * Returns where the hash of a block is kept; the block of the highest level has none, but the
   * root hash.
   *
   * @param offset of a block of data or of hashes below the highest level
   */
  public Place hashOf(long offset) {
    int level = levelOf(offset);
    long index = (level < 0 ? offset : offset - levelOffset(level)) / BLOCK_BYTES;
    return new Place(
        levelOffset(level + 1) + (index >> FAN_OUT_BITS) * BLOCK_BYTES,
        (int) (index & ((1 << FAN_OUT_BITS) - 1)) * HASH_BYTES);
  }
}
