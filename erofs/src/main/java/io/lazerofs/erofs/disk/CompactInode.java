package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * An inode of 32 bytes: 16-bit owners, 32-bit size, whole seconds counted from the superblock's
 * epoch. It never crosses a block boundary.
 *
 * @param format see {@link InodeFormat}
 * @param xattrCount size of the xattrs that follow, see {@link XattrHeader#bodySize}
 * @param mode type and permission bits of stat(2)
 * @param high number of links, or the high bits of the block address with {@link InodeFormat#FLAG}
 * @param size bytes of content
 * @param time seconds after the superblock's epoch
 * @param data first block, number of compressed blocks, device number (the kernel's new_encode_dev)
 *     or {@link ChunkFormat}, by type and layout
 * @param number 32-bit number for stat(2)
 * @param uid owner
 * @param gid group
 */
public record CompactInode(
    int format,
    int xattrCount,
    int mode,
    int high,
    long size,
    long time,
    int data,
    int number,
    int uid,
    int gid) {

  /** Size on disk, bytes. */
  public static final int SIZE = 32;

  /** Decodes the inode at {@code at}. */
  public static CompactInode decode(MemorySegment memory, long at) {
    return new CompactInode(
        LittleEndian.u16(memory, at),
        LittleEndian.u16(memory, at + 2),
        LittleEndian.u16(memory, at + 4),
        LittleEndian.u16(memory, at + 6),
        LittleEndian.u32(memory, at + 8),
        LittleEndian.u32(memory, at + 12),
        LittleEndian.i32(memory, at + 16),
        LittleEndian.i32(memory, at + 20),
        LittleEndian.u16(memory, at + 24),
        LittleEndian.u16(memory, at + 26));
  }

  /** Encodes this inode at {@code at}, reserved bytes as zeros. */
  public void encode(MemorySegment memory, long at) {
    LittleEndian.putU16(memory, at, format);
    LittleEndian.putU16(memory, at + 2, xattrCount);
    LittleEndian.putU16(memory, at + 4, mode);
    LittleEndian.putU16(memory, at + 6, high);
    LittleEndian.putU32(memory, at + 8, size);
    LittleEndian.putU32(memory, at + 12, time);
    LittleEndian.putI32(memory, at + 16, data);
    LittleEndian.putI32(memory, at + 20, number);
    LittleEndian.putU16(memory, at + 24, uid);
    LittleEndian.putU16(memory, at + 26, gid);
    LittleEndian.putI32(memory, at + 28, 0);
  }
}
