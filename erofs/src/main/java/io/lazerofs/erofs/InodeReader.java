package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.BlockAddress;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.InodeFormat;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Finds inodes by nid, reads and checks them. */
final class InodeReader {

  /** The longest target of a symbolic link, bytes: PATH_MAX without its NUL. */
  static final int MAX_TARGET = 4095;

  private static final int MAX_NANOSECONDS = 999_999_999;

  private final Superblock superblock;
  private final Metadata metadata;
  private final MetadataCache cache;

  InodeReader(Superblock superblock, Metadata metadata, MetadataCache cache) {
    this.superblock = superblock;
    this.metadata = metadata;
    this.cache = cache;
  }

  Inode read(long nid) throws IOException {
    ByteSource source = metadata.source(nid);
    long at = metadata.offset(nid);
    return cache.get(Inode.class, source, at, () -> read(nid, source, at));
  }

  private Inode read(long nid, ByteSource source, long at) throws IOException {
    // Both forms at once where the block holds them: only an extended inode may go on in the next.
    int rest = (int) (superblock.blockSize() - (at & (superblock.blockSize() - 1)));
    long held = Math.max(CompactInode.SIZE, source.size() - at);
    int length = (int) Math.min(Math.min(rest, ExtendedInode.SIZE), held);
    MemorySegment bytes = Checked.bytes(source, at, length, "inode");
    int format = LittleEndian.u16(bytes, 0);
    if (InodeFormat.unknown(format) != 0) {
      throw new UnsupportedFeatureException("inode format", InodeFormat.unknown(format));
    }
    DataLayout layout =
        DataLayout.ofCode(InodeFormat.layoutCode(format))
            .orElseThrow(() ->
                new UnsupportedFeatureException(
                    "inode data layout", InodeFormat.layoutCode(format)));
    Inode inode;
    if ((format & InodeFormat.EXTENDED) == 0) {
      inode = compact(nid, at, layout, CompactInode.decode(bytes, 0));
    } else {
      if (length < ExtendedInode.SIZE) {
        bytes = Checked.bytes(source, at, ExtendedInode.SIZE, "extended inode");
      }
      inode = extended(nid, at, layout, ExtendedInode.decode(bytes, 0));
    }
    check(inode, at);
    return inode;
  }

  private Inode compact(long nid, long at, DataLayout layout, CompactInode inode) {
    boolean flag = (inode.format() & InodeFormat.FLAG) != 0;
    boolean directory = FileType.ofMode(inode.mode()) == FileType.DIRECTORY;
    boolean highIsAddress = flag && !directory;
    return new Inode(
        nid,
        inode.mode(),
        inode.uid(),
        inode.gid(),
        highIsAddress ? 1 : inode.high(),
        inode.size(),
        superblock.epoch() + inode.time(),
        superblock.fixedNanoseconds(),
        layout,
        block(highIsAddress, highIsAddress ? inode.high() : 0, inode.data()),
        inode.data(),
        at + CompactInode.SIZE,
        XattrHeader.bodySize(inode.xattrCount()),
        flag && directory);
  }

  private Inode extended(long nid, long at, DataLayout layout, ExtendedInode inode) {
    boolean flag = (inode.format() & InodeFormat.FLAG) != 0;
    return new Inode(
        nid,
        inode.mode(),
        inode.uid(),
        inode.gid(),
        inode.links(),
        inode.size(),
        inode.time(),
        inode.nanoseconds(),
        layout,
        block(superblock.has(IncompatibleFeature.WIDE_ADDRESSES), inode.high(), inode.data()),
        inode.data(),
        at + ExtendedInode.SIZE,
        XattrHeader.bodySize(inode.xattrCount()),
        flag && FileType.ofMode(inode.mode()) == FileType.DIRECTORY);
  }

  private static long block(boolean wide, int high, int low) {
    long block = BlockAddress.of(high, Integer.toUnsignedLong(low));
    return block == (wide ? BlockAddress.HOLE_48 : BlockAddress.HOLE_32) ? Inode.HOLE : block;
  }

  private static void check(Inode inode, long at) throws CorruptImageException {
    if (inode.type() == FileType.UNKNOWN) {
      throw new CorruptImageException(at, "inode mode", "a type of file", inode.mode());
    }
    if (inode.size() < 0) {
      throw new CorruptImageException(at, "inode size", "at least 0", inode.size());
    }
    if (inode.type() == FileType.SYMLINK && inode.size() > MAX_TARGET) {
      throw new CorruptImageException(
          at, "symbolic link size", "at most " + MAX_TARGET, inode.size());
    }
    if (inode.nanoseconds() < 0 || inode.nanoseconds() > MAX_NANOSECONDS) {
      throw new CorruptImageException(
          at, "inode nanoseconds", "at most " + MAX_NANOSECONDS, inode.nanoseconds());
    }
  }
}
