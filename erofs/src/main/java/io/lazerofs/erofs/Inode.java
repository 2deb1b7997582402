package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.FileType;

/**
 * An inode as it was read: attributes, and where its content and xattrs are.
 *
 * @param nid its number in the image
 * @param mode type and permission bits of stat(2); the type is one of {@link FileType}
 * @param uid owner, 32 bits
 * @param gid group, 32 bits
 * @param links number of links, 32 bits
 * @param size bytes of content, at least 0
 * @param seconds time of last modification, seconds since 1970
 * @param nanoseconds 0 to 999,999,999
 * @param layout where the content lies
 * @param block first block of a flat content, {@link #HOLE} for none
 * @param data device number, chunk format or number of compressed blocks, by type and layout
 * @param xattrOffset where the xattr body starts, bytes from the start of what holds the inode: the
 *     primary device, or the metabox inode's content when bit 63 of {@code nid} says so
 * @param xattrSize size of the xattr body, 0 for none
 * @param dotOmitted whether a directory has no stored "." entry
 */
public record Inode(
    long nid,
    int mode,
    int uid,
    int gid,
    int links,
    long size,
    long seconds,
    int nanoseconds,
    DataLayout layout,
    long block,
    int data,
    long xattrOffset,
    int xattrSize,
    boolean dotOmitted) {

  /** The {@link #block} of a content that is one hole. */
  public static final long HOLE = -1;

  /** Returns the type of file. */
  public FileType type() {
    return FileType.ofMode(mode);
  }

  /** Whether this is a directory. */
  public boolean isDirectory() {
    return type() == FileType.DIRECTORY;
  }

  /**
   * Returns a device node's number in the kernel's 32-bit encoding, new_encode_dev; 0 for others.
   */
  public int rdev() {
    FileType type = type();
    return type == FileType.CHARACTER_DEVICE || type == FileType.BLOCK_DEVICE ? data : 0;
  }

  /** Whether this type of inode has bytes in the image: a file, a directory or a symbolic link. */
  boolean hasContent() {
    FileType type = type();
    return type == FileType.REGULAR || type == FileType.DIRECTORY || type == FileType.SYMLINK;
  }

  /** Returns where the inode with its xattrs ends: an inline tail or a chunk map follows. */
  long end() {
    return xattrOffset + xattrSize;
  }
}
