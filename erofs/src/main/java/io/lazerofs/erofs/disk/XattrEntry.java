package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * The start of an xattr: its name without the prefix and its value follow, and the next entry at a
 * multiple of 4 bytes.
 *
 * @param nameLength bytes of the name without its prefix
 * @param nameIndex the prefix: the index of an {@link XattrPrefix}, or with {@link #LONG_PREFIX}
 *     the number of a long one
 * @param valueSize bytes of the value
 */
public record XattrEntry(int nameLength, int nameIndex, int valueSize) {

  /** Size on disk without name and value, bytes. */
  public static final int SIZE = 4;

  /** The bit of {@code nameIndex} that marks the number of a long prefix. */
  public static final int LONG_PREFIX = 0x80;

  /** Returns the size with name and value and the padding after them, bytes. */
  public int paddedSize() {
    return (SIZE + nameLength + valueSize + XattrHeader.UNIT - 1) & -XattrHeader.UNIT;
  }

  /** Decodes the entry at {@code at}. */
  public static XattrEntry decode(MemorySegment memory, long at) {
    return new XattrEntry(
        LittleEndian.u8(memory, at),
        LittleEndian.u8(memory, at + 1),
        LittleEndian.u16(memory, at + 2));
  }

  /** Encodes this entry at {@code at}. */
  public void encode(MemorySegment memory, long at) {
    LittleEndian.putU8(memory, at, nameLength);
    LittleEndian.putU8(memory, at + 1, nameIndex);
    LittleEndian.putU16(memory, at + 2, valueSize);
  }
}
