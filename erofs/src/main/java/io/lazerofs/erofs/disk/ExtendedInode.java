package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * An inode of 64 bytes. It may cross a block boundary.
 *
 * @param format see {@link InodeFormat}
 * @param xattrCount size of the xattrs that follow, see {@link XattrHeader#bodySize}
 * @param mode type and permission bits of stat(2)
 * @param high the high bits of the block address with {@link IncompatibleFeature#WIDE_ADDRESSES}
 * @param size bytes of content
 * @param data first block, number of compressed blocks, device number (the kernel's new_encode_dev)
 *     or {@link ChunkFormat}, by type and layout
 * @param number 32-bit number for stat(2)
 * @param uid owner, 32 bits
 * @param gid group, 32 bits
 * @param time seconds since 1970
 * @param nanoseconds 0 to 999,999,999
 * @param links number of links, 32 bits
 */
public record ExtendedInode(
    int format,
    int xattrCount,
    int mode,
    int high,
    long size,
    int data,
    int number,
    int uid,
    int gid,
    long time,
    int nanoseconds,
    int links) {

  /** Size on disk, bytes. */
  public static final int SIZE = 64;

  /** Decodes the inode at {@code at}. */
  public static ExtendedInode decode(MemorySegment memory, long at) {
    return new ExtendedInode(
        LittleEndian.u16(memory, at),
        LittleEndian.u16(memory, at + 2),
        LittleEndian.u16(memory, at + 4),
        LittleEndian.u16(memory, at + 6),
        LittleEndian.i64(memory, at + 8),
        LittleEndian.i32(memory, at + 16),
        LittleEndian.i32(memory, at + 20),
        LittleEndian.i32(memory, at + 24),
        LittleEndian.i32(memory, at + 28),
        LittleEndian.i64(memory, at + 32),
        LittleEndian.i32(memory, at + 40),
        LittleEndian.i32(memory, at + 44));
  }

  /** Encodes this inode at {@code at}, reserved bytes as zeros. */
  public void encode(MemorySegment memory, long at) {
    LittleEndian.putU16(memory, at, format);
    LittleEndian.putU16(memory, at + 2, xattrCount);
    LittleEndian.putU16(memory, at + 4, mode);
    LittleEndian.putU16(memory, at + 6, high);
    LittleEndian.putI64(memory, at + 8, size);
    LittleEndian.putI32(memory, at + 16, data);
    LittleEndian.putI32(memory, at + 20, number);
    LittleEndian.putI32(memory, at + 24, uid);
    LittleEndian.putI32(memory, at + 28, gid);
    LittleEndian.putI64(memory, at + 32, time);
    LittleEndian.putI32(memory, at + 40, nanoseconds);
    LittleEndian.putI32(memory, at + 44, links);
    memory.asSlice(at + 48, SIZE - 48).fill((byte) 0);
  }
}
