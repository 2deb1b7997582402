package io.lazerofs.fuse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The layouts of FUSE's messages: sizes, and encoders that return the offset after what they wrote.
 *
 * <p>All fields are in the byte order of the machine. Structures are padded to 64 bits
 * (include/uapi/linux/fuse.h).
 */
final class Structs {
  static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
  static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

  /** struct fuse_in_header. */
  static final int IN_HEADER = 40;

  /** struct fuse_out_header. */
  static final int OUT_HEADER = 16;

  /** struct fuse_attr. */
  static final int ATTR = 88;

  /** struct fuse_entry_out. */
  static final int ENTRY_OUT = 40 + ATTR;

  /** struct fuse_dirent without its name. */
  static final int DIRENT = 24;

  /** struct fuse_open_out. */
  static final int OPEN_OUT = 16;

  /** struct fuse_statfs_out. */
  static final int STATFS_OUT = 80;

  /** struct fuse_init_out. */
  static final int INIT_OUT = 64;

  private Structs() {}

  /** Encodes a struct fuse_attr; all three times are the time of last modification. */
  static long attr(MemorySegment to, long at, Attributes attributes) {
    to.set(U64, at, attributes.inode());
    to.set(U64, at + 8, attributes.size());
    to.set(U64, at + 16, attributes.blocks());
    for (int time = 0; time < 3; time++) {
      to.set(U64, at + 24 + 8L * time, attributes.seconds());
      to.set(U32, at + 48 + 4L * time, attributes.nanoseconds());
    }
    to.set(U32, at + 60, attributes.mode());
    to.set(U32, at + 64, attributes.links());
    to.set(U32, at + 68, attributes.uid());
    to.set(U32, at + 72, attributes.gid());
    to.set(U32, at + 76, attributes.rdev());
    to.set(U32, at + 80, attributes.blockSize());
    to.set(U32, at + 84, 0);
    return at + ATTR;
  }

  /** Encodes a struct fuse_attr_out; {@code validSeconds} is how long the kernel may keep it. */
  static long attrOut(MemorySegment to, long at, Attributes attributes, long validSeconds) {
    to.set(U64, at, validSeconds);
    to.set(U64, at + 8, 0);
    return attr(to, at + 16, attributes);
  }

  /**
   * Encodes a struct fuse_entry_out.
   *
   * @param entrySeconds how long the kernel may keep the name
   * @param attrSeconds how long it may keep the attributes
   */
  static long entryOut(
      MemorySegment to,
      long at,
      Entry entry,
      long generation,
      long entrySeconds,
      long attrSeconds) {
    to.set(U64, at, entry.node());
    to.set(U64, at + 8, generation);
    to.set(U64, at + 16, entrySeconds);
    to.set(U64, at + 24, attrSeconds);
    to.set(U64, at + 32, 0);
    return attr(to, at + 40, entry.attributes());
  }

  /**
   * Encodes a struct fuse_entry_out for a name that has no node, or whose node is not told: the
   * kernel takes it as missing in a lookup, and as "ask later" in a directory.
   */
  static long noEntry(MemorySegment to, long at, long entrySeconds) {
    to.asSlice(at, ENTRY_OUT).fill((byte) 0);
    to.set(U64, at + 16, entrySeconds);
    return at + ENTRY_OUT;
  }

  /** Returns the space that a struct fuse_dirent with a name of that length takes. */
  static long direntSize(long nameLength) {
    return (DIRENT + nameLength + 7) & -8L;
  }

  /** Encodes a struct fuse_dirent with its name. */
  static long dirent(
      MemorySegment to, long at, MemorySegment name, long inode, int type, long next) {
    long length = name.byteSize();
    long end = at + direntSize(length);
    to.set(U64, at, inode);
    to.set(U64, at + 8, next);
    to.set(U32, at + 16, (int) length);
    to.set(U32, at + 20, type);
    to.asSlice(at + DIRENT, end - at - DIRENT).fill((byte) 0);
    MemorySegment.copy(name, 0, to, at + DIRENT, length);
    return end;
  }

  /** Encodes a struct fuse_statfs_out; nothing is free. */
  static long statfsOut(MemorySegment to, long at, Statistics statistics) {
    to.asSlice(at, STATFS_OUT).fill((byte) 0);
    to.set(U64, at, statistics.blocks());
    to.set(U64, at + 24, statistics.files());
    to.set(U32, at + 40, statistics.blockSize());
    to.set(U32, at + 44, statistics.nameLength());
    to.set(U32, at + 48, statistics.blockSize());
    return at + STATFS_OUT;
  }

  /**
   * Encodes a struct fuse_open_out for a file that has no handle.
   *
   * @param flags FOPEN_*
   */
  static long openOut(MemorySegment to, long at, int flags) {
    to.set(U64, at, 0);
    to.set(U32, at + 8, flags);
    to.set(U32, at + 12, 0);
    return at + OPEN_OUT;
  }

  /** Encodes a struct fuse_init_out. */
  static long initOut(MemorySegment to, long at, SessionState state) {
    to.asSlice(at, INIT_OUT).fill((byte) 0);
    to.set(U32, at, Protocol.MAJOR);
    to.set(U32, at + 4, state.minor());
    to.set(U32, at + 8, state.maxReadAhead());
    to.set(U32, at + 12, (int) state.features());
    to.set(U16, at + 16, (short) SessionState.MAX_BACKGROUND);
    to.set(U16, at + 18, (short) SessionState.CONGESTION_THRESHOLD);
    to.set(U32, at + 20, Protocol.PAGE_BYTES);
    to.set(U32, at + 24, 1);
    to.set(U16, at + 28, (short) state.maxPages());
    to.set(U32, at + 32, (int) (state.features() >>> 32));
    return at + INIT_OUT;
  }
}
