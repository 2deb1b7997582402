package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FullIndex;
import io.lazerofs.erofs.disk.LclusterType;
import io.lazerofs.erofs.disk.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The index of {@link io.lazerofs.erofs.disk.DataLayout#COMPRESSED_COMPACT} (kernel:
 * z_erofs_load_compact_lcluster in fs/erofs/zmap.c): packs of lclusters, each with one block
 * address for all heads in it, whose pclusters therefore must follow each other.
 *
 * <pre>{@code
 * 4 bytes an entry:  │ entry │ entry │ block │            16 bits an entry
 * 2 bytes an entry:  │ 16 entries    │ block │            14 bits an entry, aligned to 32 bytes
 *
 * entry: offset of the head, distance or number of blocks, 12 bits or more; then two bits of type
 * }</pre>
 */
final class CompactIndex implements LclusterIndex.Sink {

  /** The largest block, bits, whose offsets fit an entry. */
  static final int MAX_BLOCK_BITS = 14;

  /** The largest block, bits, whose offsets fit an entry of two bytes. */
  static final int MAX_SMALL_BLOCK_BITS = 12;

  private static final int MIN_LOW_BITS = 12;
  private static final int SMALL_ENTRIES = 16;
  private static final int SMALL_SIZE = 32;
  private static final int LARGE_ENTRIES = 2;
  private static final int LARGE_SIZE = 8;
  private static final int ADDRESS_SIZE = 4;

  /** Distances are capped, since a larger one would be taken for a number of blocks. */
  private static final int MAX_DISTANCE = FullIndex.BLOCK_COUNT - 1;

  /** How many entries the packs of each kind have: large ones, small ones, large ones again. */
  private record Sections(long initial, long small, long rest) {
    static Sections of(int offset, long entries, int blockBits) {
      long initial = Math.min(entries, (SMALL_SIZE - offset % SMALL_SIZE) / 4 % 8);
      long small =
          blockBits <= MAX_SMALL_BLOCK_BITS
              ? (entries - initial) / SMALL_ENTRIES * SMALL_ENTRIES
              : 0;
      return new Sections(initial, small, entries - initial - small);
    }

    long size() {
      return (initial + 1) / 2 * LARGE_SIZE
          + small / SMALL_ENTRIES * SMALL_SIZE
          + (rest + 1) / 2 * LARGE_SIZE;
    }
  }

  private final int lowBits;
  private final boolean big;
  private final FileMap.Output output;
  private final Sections sections;

  private final int[] lows = new int[SMALL_ENTRIES];
  private final LclusterType[] types = new LclusterType[SMALL_ENTRIES];
  private int filled;
  private long done;

  /** The address of the first head in the pack, less what readers count before it. */
  private long base;

  private boolean based;

  /**
   * @param offset where the index begins in the image, bytes modulo 32
   * @param big whether pclusters may have several blocks
   */
  CompactIndex(int blockBits, int offset, long entries, boolean big, FileMap.Output output) {
    this.lowBits = Math.max(blockBits, MIN_LOW_BITS);
    this.big = big;
    this.output = output;
    sections = Sections.of(offset, entries, blockBits);
  }

  /** Returns the size in bytes of an index that begins at {@code offset}. */
  static long size(int blockBits, int offset, long entries) {
    return Sections.of(offset, entries, blockBits).size();
  }

  @Override
  public void head(LclusterType type, int offset, long block) throws IOException {
    if (!based) {
      base = block - (big ? countBefore() : 1);
      based = true;
    }
    add(type, offset);
  }

  @Override
  public void nonHead(int back, int on, int blocks) throws IOException {
    if (big && back == 1) {
      add(LclusterType.NONHEAD, FullIndex.BLOCK_COUNT | blocks);
    } else {
      boolean last = filled == capacity() - 1;
      add(LclusterType.NONHEAD, Math.min(last ? on : back, MAX_DISTANCE));
    }
  }

  /** Writes what is left when all entries have come. */
  void finish() throws IOException {
    if (filled > 0) {
      flush(LARGE_ENTRIES, LARGE_SIZE);
    }
  }

  /** Returns the blocks of an extent that began in the pack before and has its number in this. */
  private int countBefore() {
    boolean counted =
        filled > 0 && types[0] == LclusterType.NONHEAD && (lows[0] & FullIndex.BLOCK_COUNT) != 0;
    return counted ? lows[0] & ~FullIndex.BLOCK_COUNT : 0;
  }

  private int capacity() {
    boolean small = done >= sections.initial && done < sections.initial + sections.small;
    return small ? SMALL_ENTRIES : LARGE_ENTRIES;
  }

  private void add(LclusterType type, int low) throws IOException {
    types[filled] = type;
    lows[filled++] = low;
    int capacity = capacity();
    if (filled == capacity) {
      flush(capacity, capacity == SMALL_ENTRIES ? SMALL_SIZE : LARGE_SIZE);
    }
  }

  private void flush(int capacity, int size) throws IOException {
    byte[] pack = new byte[size];
    int bits = (size - ADDRESS_SIZE) * Byte.SIZE / capacity;
    for (int i = 0; i < filled; i++) {
      put(pack, i * bits, lows[i] | types[i].code() << lowBits);
    }
    LittleEndian.putI32(MemorySegment.ofArray(pack), size - ADDRESS_SIZE, (int) base);
    output.write(pack, 0, size);
    done += filled;
    filled = 0;
    base = 0;
    based = false;
  }

  /** Puts up to 16 bits at a bit offset, the lowest first. */
  private static void put(byte[] pack, int at, int value) {
    int shifted = value << at % Byte.SIZE;
    for (int i = at / Byte.SIZE; shifted != 0; i++) {
      pack[i] |= (byte) shifted;
      shifted >>>= Byte.SIZE;
    }
  }
}
