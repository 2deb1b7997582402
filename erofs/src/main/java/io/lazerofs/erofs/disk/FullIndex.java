package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * An entry of the full index: what one logical cluster holds (kernel: struct
 * z_erofs_lcluster_index).
 *
 * @param type what begins in the cluster
 * @param partial whether the pcluster decodes to more than this file uses of it
 * @param hole whether the pcluster may be taken for zeros
 * @param clusterOffset where in the cluster the pcluster's bytes begin; for {@link
 *     LclusterType#NONHEAD} unused
 * @param value the pcluster's first block, 32 bits; for {@link LclusterType#NONHEAD} the distance
 *     back to the head in bits 0 to 15 and the distance on to the next head in bits 16 to 31, both
 *     in clusters
 */
public record FullIndex(
    LclusterType type, boolean partial, boolean hole, int clusterOffset, long value) {

  /** Size in bytes. */
  public static final int SIZE = 8;

  /** Bytes between the end of the map header and the first entry. */
  public static final int RESERVED = 8;

  /**
   * In the distance back of the first {@link LclusterType#NONHEAD} behind a head: the other bits
   * are the number of the pcluster's blocks, and the distance is 1.
   */
  public static final int BLOCK_COUNT = 0x800;

  private static final int PARTIAL = 0x8000;
  private static final int HOLE = 0x4000;
  private static final int TYPE_MASK = (1 << LclusterType.BITS) - 1;

  /** Returns the entry for a cluster in which a pcluster begins. */
  public static FullIndex head(LclusterType type, boolean partial, int clusterOffset, long block) {
    return new FullIndex(type, partial, false, clusterOffset, block);
  }

  /** Returns the entry for a cluster in which none begins. */
  public static FullIndex nonHead(int back, int on) {
    return new FullIndex(LclusterType.NONHEAD, false, false, 0, (long) on << 16 | back);
  }

  /** Decodes the entry at {@code at}. */
  public static FullIndex decode(MemorySegment memory, long at) {
    int advise = LittleEndian.u16(memory, at);
    return new FullIndex(
        LclusterType.ofCode(advise & TYPE_MASK),
        (advise & PARTIAL) != 0,
        (advise & HOLE) != 0,
        LittleEndian.u16(memory, at + 2),
        LittleEndian.u32(memory, at + 4));
  }

  /**
   * Encodes this entry at {@code at}.
   *
   * @throws IllegalArgumentException when a value does not fit its field
   */
  public void encode(MemorySegment memory, long at) {
    int advise = type.code() | (partial ? PARTIAL : 0) | (hole ? HOLE : 0);
    LittleEndian.putU16(memory, at, advise);
    LittleEndian.putU16(memory, at + 2, clusterOffset);
    LittleEndian.putU32(memory, at + 4, value);
  }

  /** Returns the distance back to the head in clusters, or a {@link #BLOCK_COUNT}. */
  public int back() {
    return (int) (value & 0xffff);
  }

  /** Returns the distance on to the next head in clusters. */
  public int on() {
    return (int) (value >>> 16);
  }
}
