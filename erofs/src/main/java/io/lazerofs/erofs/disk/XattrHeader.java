package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * The start of an inode's xattr body, which lies right behind the inode:
 *
 * <pre>{@code
 * ┌─────────────┬──────────────────────────┬────────────┬────────────┬───┐
 * │ XattrHeader │ sharedCount × 32-bit ids │ XattrEntry │ XattrEntry │...│
 * └─────────────┴──────────────────────────┴────────────┴────────────┴───┘
 * }</pre>
 *
 * @param nameFilter a set bit says that names with that {@link XattrNameFilter} bit are absent
 * @param sharedCount number of shared xattrs, 0 to 255
 */
public record XattrHeader(int nameFilter, int sharedCount) {

  /** Size on disk, bytes. */
  public static final int SIZE = 12;

  /** Size of the id of a shared xattr, and the unit that bodies, entries and ids count in. */
  public static final int UNIT = 4;

  /** Returns the bytes of the xattr body of an inode with this {@code xattrCount}, 0 for none. */
  public static int bodySize(int xattrCount) {
    return xattrCount == 0 ? 0 : SIZE + UNIT * (xattrCount - 1);
  }

  /**
   * Returns the {@code xattrCount} of an inode whose xattr body has {@code bodySize} bytes.
   *
   * @throws IllegalArgumentException when no count stands for that size
   */
  public static int count(int bodySize) {
    int count = bodySize == 0 ? 0 : (bodySize - SIZE) / UNIT + 1;
    if (count < 0 || count > 0xffff || bodySize(count) != bodySize) {
      throw new IllegalArgumentException("no xattr body has " + bodySize + " bytes");
    }
    return count;
  }

  /** Decodes the header at {@code at}. */
  public static XattrHeader decode(MemorySegment memory, long at) {
    return new XattrHeader(LittleEndian.i32(memory, at), LittleEndian.u8(memory, at + 4));
  }

  /** Encodes this header at {@code at}, reserved bytes as zeros. */
  public void encode(MemorySegment memory, long at) {
    memory.asSlice(at, SIZE).fill((byte) 0);
    LittleEndian.putI32(memory, at, nameFilter);
    LittleEndian.putU8(memory, at + 4, sharedCount);
  }
}
