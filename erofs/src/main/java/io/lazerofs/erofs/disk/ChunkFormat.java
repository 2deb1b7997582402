package io.lazerofs.erofs.disk;

/**
 * How a chunk-based file is mapped: the low 16 bits of the inode's {@code data} field.
 *
 * @param blockBits binary logarithm of the number of blocks in a chunk, 0 to 31
 * @param indexes whether the map has a {@link ChunkIndex} for each chunk; 32-bit block addresses
 *     otherwise
 * @param wide whether the high 16 bits of a {@link ChunkIndex} count
 */
public record ChunkFormat(int blockBits, boolean indexes, boolean wide) {

  /** Size of an entry of a map without indexes: a 32-bit block address. */
  public static final int BLOCK_MAP_ENTRY_SIZE = 4;

  private static final int BITS = 0x1f;
  private static final int INDEXES = 0x20;
  private static final int WIDE = 0x40;

  /** Decodes the field; bits without a meaning are those of {@link #unknown}. */
  public static ChunkFormat decode(int field) {
    return new ChunkFormat(field & BITS, (field & INDEXES) != 0, (field & WIDE) != 0);
  }

  /** Returns the field. */
  public int encode() {
    return blockBits | (indexes ? INDEXES : 0) | (wide ? WIDE : 0);
  }

  /** Returns those bits of {@code field} that have no meaning and must be 0. */
  public static int unknown(int field) {
    return field & ~(BITS | INDEXES | WIDE);
  }

  /** Returns the size of an entry of the map, bytes. */
  public int entrySize() {
    return indexes ? ChunkIndex.SIZE : BLOCK_MAP_ENTRY_SIZE;
  }
}
