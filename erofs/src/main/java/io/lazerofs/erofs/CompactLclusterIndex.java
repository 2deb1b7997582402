package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.FullIndex;
import io.lazerofs.erofs.disk.LclusterType;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.MapHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * An index of packs: 2 entries in 8 bytes, or 16 in 32 (kernel: z_erofs_load_compact_lcluster in
 * fs/erofs/zmap.c).
 *
 * <pre>{@code
 * pack of 4 bytes an entry │ 16 bits │ 16 bits │ base block, 32 bits │
 * pack of 2 bytes an entry │ 14 bits │ ... 15 more ... │ base block  │
 * entry, from the low end: value (cluster offset or distance), type in 2 bits
 * }</pre>
 *
 * Packs of 8 bytes come first, up to a multiple of 32; then those of 32, where the map header
 * allows them; then packs of 8 for the rest. The block of a head is that of the base plus the
 * blocks of the heads before it in the pack. The last entry of a pack, when nothing begins in its
 * cluster, has the distance on to the next head, all others the distance back.
 */
final class CompactLclusterIndex implements LclusterIndex {
  private static final int MAX_CLUSTER_BITS = 14;
  private static final int MAX_CLUSTER_BITS_2B = 12;
  private static final int PACK_4B = 2;
  private static final int PACK_2B = 16;
  private static final int SHIFT_4B = 2;
  private static final int SHIFT_2B = 1;
  private static final int ALIGNMENT_2B = 32;

  /** A value holds at least a number of blocks and its mark. */
  private static final int MIN_VALUE_BITS = 12;

  private final IndexWindow window;
  private final long start;
  private final long entries;
  private final long firstWide;
  private final long narrow;
  private final int valueBits;
  private final boolean big;

  /**
   * @param at where the map header is
   * @param entries number of blocks in the content
   */
  CompactLclusterIndex(IndexWindow window, MapHeader header, long at, long entries, int clusterBits)
      throws UnsupportedFeatureException {
    boolean packed = header.advises(MapHeader.COMPACTED_2B);
    if (clusterBits > (packed ? MAX_CLUSTER_BITS_2B : MAX_CLUSTER_BITS)) {
      throw new UnsupportedFeatureException("logical clusters of a compact index", clusterBits);
    }
    this.window = window;
    this.start = at + MapHeader.SIZE;
    this.entries = entries;
    this.firstWide = (ALIGNMENT_2B - start % ALIGNMENT_2B) % ALIGNMENT_2B >> SHIFT_4B;
    this.narrow = packed && firstWide < entries ? (entries - firstWide) & -PACK_2B : 0;
    this.valueBits = Math.max(clusterBits, MIN_VALUE_BITS);
    this.big = header.advises(MapHeader.BIG_PCLUSTER_1);
  }

  private boolean isNarrow(long lcn) {
    return lcn >= firstWide && lcn - firstWide < narrow;
  }

  private long position(long lcn) {
    if (lcn < firstWide) {
      return start + (lcn << SHIFT_4B);
    }
    long narrowStart = start + (firstWide << SHIFT_4B);
    long rest = lcn - firstWide;
    return rest < narrow
        ? narrowStart + (rest << SHIFT_2B)
        : narrowStart + (narrow << SHIFT_2B) + (rest - narrow << SHIFT_4B);
  }

  @Override
  public long endOf(long lcn) {
    int size = isNarrow(lcn) ? PACK_2B << SHIFT_2B : PACK_4B << SHIFT_4B;
    return (position(lcn) & -size) + size;
  }

  @Override
  public Lcluster at(long lcn) throws IOException {
    long position = position(lcn);
    if (lcn >= entries) {
      throw new CorruptImageException(start, "logical cluster", "a number below " + entries, lcn);
    }
    boolean narrowPack = isNarrow(lcn);
    int shift = narrowPack ? SHIFT_2B : SHIFT_4B;
    int count = narrowPack ? PACK_2B : PACK_4B;
    int size = count << shift;
    long pack = position & -size;
    long at = window.locate(pack, size, "compact index");
    Pack entriesOfPack =
        new Pack(window.bytes(), at, count, (size - Integer.BYTES) * Byte.SIZE / count, pack);
    return entriesOfPack.decode((int) (position - pack) >> shift);
  }

  /** The entries of a pack at {@code at} in memory and at {@code position} on its source. */
  private final class Pack {
    private final MemorySegment memory;
    private final long at;
    private final int count;
    private final int entryBits;
    private final long position;

    Pack(MemorySegment memory, long at, int count, int entryBits, long position) {
      this.memory = memory;
      this.at = at;
      this.count = count;
      this.entryBits = entryBits;
      this.position = position;
    }

    private int bits(int index) {
      int bit = index * entryBits;
      return LittleEndian.i32(memory, at + bit / Byte.SIZE) >>> bit % Byte.SIZE;
    }

    private int value(int index) {
      return bits(index) & (1 << valueBits) - 1;
    }

    private LclusterType type(int index) {
      return LclusterType.ofCode(bits(index) >>> valueBits & (1 << LclusterType.BITS) - 1);
    }

    Lcluster decode(int index) throws CorruptImageException {
      LclusterType type = type(index);
      int value = value(index);
      if (type != LclusterType.NONHEAD) {
        long base = LittleEndian.u32(memory, at + ((long) count * entryBits) / Byte.SIZE);
        long block = base + (big ? blocksBeforeBig(index) : blocksBefore(index));
        return Lcluster.head(type, value, block, false, false);
      }
      if ((value & FullIndex.BLOCK_COUNT) != 0) {
        if (!big) {
          throw corrupt("block count of a pcluster", "none without big pclusters", value);
        }
        int blocks = value & ~FullIndex.BLOCK_COUNT;
        return Lcluster.nonHead(1, on(index), blocks);
      }
      int back = index + 1 == count ? backOfLast(index) : value;
      return Lcluster.nonHead(back, on(index), Lcluster.UNKNOWN);
    }

    /** Returns the distance back of the last entry, which the one before it tells. */
    private int backOfLast(int index) {
      if (type(index - 1) != LclusterType.NONHEAD) {
        return 1;
      }
      int before = value(index - 1);
      return ((before & FullIndex.BLOCK_COUNT) != 0 ? 1 : before) + 1;
    }

    /** Returns the distance to the next head, as far as this pack tells. */
    private int on(int index) {
      for (int i = index; i < count; i++) {
        if (type(i) != LclusterType.NONHEAD) {
          return i - index;
        }
      }
      int last = value(count - 1);
      int beyond = (last & FullIndex.BLOCK_COUNT) != 0 ? 1 : Math.max(last, 1);
      return count - 1 - index + beyond;
    }

    /** Returns the blocks before a head's own, from the base on, where each pcluster has one. */
    private int blocksBefore(int index) {
      int blocks = 1;
      for (int i = index - 1; i >= 0; i--) {
        if (type(i) == LclusterType.NONHEAD) {
          i -= value(i);
        }
        if (i >= 0) {
          blocks++;
        }
      }
      return blocks;
    }

    /** Returns the blocks before a head's own, from the base on, where pclusters have many. */
    private int blocksBeforeBig(int index) throws CorruptImageException {
      int blocks = 0;
      for (int i = index - 1; i >= 0; i--) {
        int value = value(i);
        if (type(i) != LclusterType.NONHEAD) {
          blocks++;
        } else if ((value & FullIndex.BLOCK_COUNT) != 0) {
          blocks += value & ~FullIndex.BLOCK_COUNT;
          i--;
        } else if (value <= 1) {
          throw corrupt("distance back to the head of a big pcluster", "at least 2", value);
        } else {
          i -= value - 2;
        }
      }
      return blocks;
    }

    private CorruptImageException corrupt(String what, String expected, int actual) {
      return new CorruptImageException(position, what, expected, actual);
    }
  }
}
