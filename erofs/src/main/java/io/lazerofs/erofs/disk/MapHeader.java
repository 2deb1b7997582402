package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * The header of a compressed inode's map (kernel: struct z_erofs_map_header), at the first multiple
 * of 8 bytes behind the inode and its xattrs.
 *
 * <p>Its first four bytes mean, by {@link #advise}, where the last bytes of the file are in the
 * packed inode, how many bytes of compressed data follow the index, or how many extents there are.
 *
 * @param low bytes 0 to 3, unsigned
 * @param advise bits of the constants of this class
 * @param algorithms bits 0 to 3 are the code of the first {@link Algorithm}, 4 to 7 of the second
 * @param clusterBits bits 0 to 3 are the binary logarithm of the blocks in a logical cluster; bit 7
 *     says that the whole file is a fragment, and the header then is an offset of 63 bits
 */
public record MapHeader(long low, int advise, int algorithms, int clusterBits) {

  /** Size in bytes, and its alignment. */
  public static final int SIZE = 8;

  /** Packs of 2 bytes an entry, in {@link DataLayout#COMPRESSED_COMPACT}. */
  public static final int COMPACTED_2B = 0x1;

  /** A list of extents instead of an index, in {@link DataLayout#COMPRESSED_FULL}. */
  public static final int EXTENTS = 0x1;

  /** Pclusters of the first algorithm may have many blocks. */
  public static final int BIG_PCLUSTER_1 = 0x2;

  /** Pclusters of the second algorithm may have many blocks. */
  public static final int BIG_PCLUSTER_2 = 0x4;

  /** The last pcluster may stand behind the index. */
  public static final int INLINE_PCLUSTER = 0x8;

  /** Pclusters that are stored as they are stand at the offsets that they have in the file. */
  public static final int INTERLACED = 0x10;

  /** The last bytes of the file are in the packed inode. */
  public static final int FRAGMENT = 0x20;

  private static final int WHOLE_FRAGMENT = 0x80;

  /** Decodes the header at {@code at}. */
  public static MapHeader decode(MemorySegment memory, long at) {
    return new MapHeader(
        LittleEndian.u32(memory, at),
        LittleEndian.u16(memory, at + 4),
        LittleEndian.u8(memory, at + 6),
        LittleEndian.u8(memory, at + 7));
  }

  /**
   * Encodes this header at {@code at}.
   *
   * @throws IllegalArgumentException when a value does not fit its field
   */
  public void encode(MemorySegment memory, long at) {
    LittleEndian.putU32(memory, at, low);
    LittleEndian.putU16(memory, at + 4, advise);
    LittleEndian.putU8(memory, at + 6, algorithms);
    LittleEndian.putU8(memory, at + 7, clusterBits);
  }

  /** Whether a bit of {@link #advise} is set. */
  public boolean advises(int bit) {
    return (advise & bit) != 0;
  }

  /** Whether all of the file is in the packed inode. */
  public boolean wholeFragment() {
    return (clusterBits & WHOLE_FRAGMENT) != 0;
  }

  /** Returns where in the packed inode the file is, when {@link #wholeFragment}, bytes. */
  public long wholeFragmentOffset() {
    long high = (long) (clusterBits & ~WHOLE_FRAGMENT) << 24 | algorithms << 16 | advise;
    return high << 32 | low;
  }

  /** Returns the number of bytes behind the index that are the last pcluster, 0 for none. */
  public int inlineSize() {
    return advises(INLINE_PCLUSTER) ? (int) (low >> 16) : 0;
  }

  /**
   * Returns the number of extents of a list with {@link ExtentRecord#logical}; other lists have one
   * for each logical cluster.
   */
  public long extentCount() {
    return (long) (clusterBits << Byte.SIZE | algorithms) << Integer.SIZE | low;
  }

  /** Returns the binary logarithm of the number of blocks in a logical cluster. */
  public int lclusterBlockBits() {
    return clusterBits & 0xf;
  }

  /**
   * Returns the code of the algorithm of {@link LclusterType#HEAD1} or {@link LclusterType#HEAD2}.
   */
  public int algorithmCode(LclusterType head) {
    return head == LclusterType.HEAD2 ? algorithms >> 4 : algorithms & 0xf;
  }
}
