package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * An entry of a directory block. A block begins with its entries, sorted by name; the names follow
 * in the same order without anything between them:
 *
 * <pre>{@code
 * ┌────────┬────────┬────────┬───┬────┬───────┬───────┐
 * │ Dirent │ Dirent │ Dirent │ . │ .. │ hello │ zeros │
 * └────────┴────────┴────────┴───┴────┴───────┴───────┘
 *   nameOffset ──────────────▶ the first one also tells the number of entries
 * }</pre>
 *
 * @param nid the inode
 * @param nameOffset where the name starts, bytes from the start of the block
 * @param fileType see {@link FileType}
 */
public record Dirent(long nid, int nameOffset, int fileType) {

  /** Size on disk, bytes. */
  public static final int SIZE = 12;

  /** The longest name, bytes. */
  public static final int MAX_NAME = 255;

  /** Returns the nid of the entry at {@code at}. */
  public static long nid(MemorySegment memory, long at) {
    return LittleEndian.i64(memory, at);
  }

  /** Returns where the name of the entry at {@code at} starts in its block. */
  public static int nameOffset(MemorySegment memory, long at) {
    return LittleEndian.u16(memory, at + 8);
  }

  /** Returns the code of the file type of the entry at {@code at}. */
  public static int fileType(MemorySegment memory, long at) {
    return LittleEndian.u8(memory, at + 10);
  }

  /** Decodes the entry at {@code at}. */
  public static Dirent decode(MemorySegment memory, long at) {
    return new Dirent(nid(memory, at), nameOffset(memory, at), fileType(memory, at));
  }

  /** Encodes this entry at {@code at}, the reserved byte as zero. */
  public void encode(MemorySegment memory, long at) {
    LittleEndian.putI64(memory, at, nid);
    LittleEndian.putU16(memory, at + 8, nameOffset);
    LittleEndian.putU8(memory, at + 10, fileType);
    LittleEndian.putU8(memory, at + 11, 0);
  }
}
