package io.lazerofs.erofs.disk;

/**
 * The first field of an inode: bit 0 tells extended from compact, bits 1 to 3 are the {@link
 * DataLayout}, bit 4 means {@link #FLAG}.
 */
public final class InodeFormat {

  /** The inode is an {@link ExtendedInode}. */
  public static final int EXTENDED = 0x1;

  /**
   * For a directory: there is no "." entry. For any other compact inode: its only link is the one,
   * and {@code high} belongs to the block address.
   */
  public static final int FLAG = 0x10;

  private static final int LAYOUT_SHIFT = 1;
  private static final int LAYOUT_MASK = 0x7;
  private static final int KNOWN = EXTENDED | LAYOUT_MASK << LAYOUT_SHIFT | FLAG;

  private InodeFormat() {}

  /** Returns the field's value. */
  public static int of(boolean extended, DataLayout layout, boolean flag) {
    return (extended ? EXTENDED : 0) | layout.code() << LAYOUT_SHIFT | (flag ? FLAG : 0);
  }

  /** Returns the code of the {@link DataLayout}, 0 to 7. */
  public static int layoutCode(int format) {
    return format >> LAYOUT_SHIFT & LAYOUT_MASK;
  }

  /** Returns those bits of {@code format} that have no meaning and must be 0. */
  public static int unknown(int format) {
    return format & ~KNOWN;
  }
}
