package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * An entry of a list of extents (kernel: struct z_erofs_extent), of which an image keeps only the
 * first 4, 8, 16 or 32 bytes; what is cut off is 0.
 *
 * @param stored bits 0 to 20 are the pcluster's size in bytes, 0 for a hole; bit 27 is {@link
 *     #PARTIAL}; bits 28 to 31 are {@link #format}
 * @param physical the pcluster's first byte
 * @param logical the first byte of the file that it stands for
 */
public record ExtentRecord(long stored, long physical, long logical) {

  /** The smallest size in bytes: {@code stored} alone. */
  public static final int SIZE_STORED = 4;

  /** The size with the low 32 bits of {@code physical}. */
  public static final int SIZE_PHYSICAL = 8;

  /** The size with all of {@code physical} and the low 32 bits of {@code logical}. */
  public static final int SIZE_LOGICAL = 16;

  /** The largest size: with all of {@code logical}, and 12 bytes that are reserved. */
  public static final int SIZE_FULL = 32;

  /** The pcluster decodes to more than the file uses. */
  public static final int PARTIAL = 1 << 27;

  private static final int LENGTH_MASK = (1 << 21) - 1;
  private static final int FORMAT_SHIFT = 28;
  private static final int ADVISE_SHIFT = 1;
  private static final int ADVISE_MASK = 3;

  /** Returns the size of records in a map with this {@link MapHeader#advise}, bytes. */
  public static int size(int advise) {
    return SIZE_STORED << (advise >> ADVISE_SHIFT & ADVISE_MASK);
  }

  /** Decodes the record of {@code size} bytes at {@code at}. */
  public static ExtentRecord decode(MemorySegment memory, long at, int size) {
    long stored = LittleEndian.u32(memory, at);
    if (size == SIZE_STORED) {
      return new ExtentRecord(stored, 0, 0);
    }
    long physical = LittleEndian.u32(memory, at + 4);
    if (size == SIZE_PHYSICAL) {
      return new ExtentRecord(stored, physical, 0);
    }
    physical |= LittleEndian.u32(memory, at + 8) << 32;
    long logical = LittleEndian.u32(memory, at + 12);
    if (size == SIZE_FULL) {
      logical |= LittleEndian.u32(memory, at + 16) << 32;
    }
    return new ExtentRecord(stored, physical, logical);
  }

  /** Encodes the first {@code size} bytes of this record at {@code at}. */
  public void encode(MemorySegment memory, long at, int size) {
    LittleEndian.putU32(memory, at, stored);
    if (size >= SIZE_PHYSICAL) {
      LittleEndian.putI32(memory, at + 4, (int) physical);
    }
    if (size >= SIZE_LOGICAL) {
      LittleEndian.putI32(memory, at + 8, (int) (physical >>> 32));
      LittleEndian.putI32(memory, at + 12, (int) logical);
    }
    if (size == SIZE_FULL) {
      LittleEndian.putI32(memory, at + 16, (int) (logical >>> 32));
    }
  }

  /** Returns the pcluster's size in bytes; 0 for a hole. */
  public int length() {
    return (int) (stored & LENGTH_MASK);
  }

  /** Whether the pcluster decodes to more than the file uses. */
  public boolean partial() {
    return (stored & PARTIAL) != 0;
  }

  /** Returns 0 for bytes as they are, and 1 more than the code of an {@link Algorithm}. */
  public int format() {
    return (int) (stored >> FORMAT_SHIFT);
  }
}
