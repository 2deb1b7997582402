package io.lazerofs.it.fuzz;

import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.DeviceSlot;
import io.lazerofs.erofs.disk.Dirent;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.disk.InodeFormat;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.MapHeader;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.erofs.disk.XattrEntry;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.it.fuzz.Field.Kind;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where in an image which field is: found by walking the image while it is whole. Offsets and
 * widths are those of the kernel's fs/erofs/erofs_fs.h.
 */
final class StructureMap {
  /** Offset and width of each field, in turns. */
  private static final int[] SUPERBLOCK = {
    8, 4, 12, 1, 13, 1, 14, 2, 16, 8, 24, 8, 32, 4, 36, 4, 40, 4, 44, 4, 80, 4, 84, 2, 86, 2, 88, 2,
    90, 1, 91, 1, 92, 4, 96, 8, 104, 1, 105, 1, 108, 4, 112, 8, 128, 8
  };

  private static final int[] COMPACT = {
    0, 2, 2, 2, 4, 2, 6, 2, 8, 4, 12, 4, 16, 4, 20, 4, 24, 2, 26, 2
  };
  private static final int[] EXTENDED = {
    0, 2, 2, 2, 4, 2, 6, 2, 8, 8, 16, 4, 20, 4, 24, 4, 28, 4, 32, 8, 40, 4, 44, 4
  };
  private static final int[] CONFIG = {0, 2, 2, 2, 4, 2, 6, 2, 8, 2, 10, 2, 12, 2, 14, 2};
  private static final int[] SLOT = {64, 4, 68, 4, 72, 2, 74, 2};
  private static final int[] XATTR_HEADER = {0, 4, 4, 1};
  private static final int[] XATTR_ENTRY = {0, 1, 1, 1, 2, 2};
  private static final int[] MAP_HEADER = {0, 2, 2, 2, 4, 2, 6, 1, 7, 1};
  private static final int[] PAIR_OF_SHORTS = {0, 2, 2, 2};
  private static final int[] INDEX_8 = {0, 2, 2, 2, 4, 2, 6, 2};
  private static final int[] DIRENT = {0, 8, 8, 2, 10, 1};
  private static final int[] WORD = {0, 4};
  private static final int[] BYTE = {0, 1};

  /** As many bytes of a content or map are fields, at most. */
  private static final int MOST = 4096;

  private final byte[] bytes;
  private final MemorySegment memory;
  private final ErofsImage image;
  private final Map<Kind, List<Field>> fields = new EnumMap<>(Kind.class);

  private StructureMap(byte[] bytes, ErofsImage image) {
    this.bytes = bytes;
    this.memory = MemorySegment.ofArray(bytes);
    this.image = image;
  }

  /** Returns the fields by kind, only kinds that there are. */
  static Map<Kind, List<Field>> of(Original original) throws IOException {
    List<ByteSource> sources = new ArrayList<>();
    for (byte[] device : original.devices()) {
      sources.add(new GuardedSource(device, device.length, true));
    }
    ErofsImage image = ErofsImage.open(sources.removeFirst(), sources);
    StructureMap map = new StructureMap(original.devices().getFirst(), image);
    map.superblock();
    map.inodes();
    return map.fields;
  }

  private void superblock() {
    Superblock superblock = image.superblock();
    add(Kind.SUPERBLOCK, Superblock.OFFSET, Superblock.SIZE + 16, SUPERBLOCK);
    if (superblock.compression() != 0) {
      int end = Superblock.OFFSET + Superblock.SIZE + 16 * superblock.extensionSlots();
      for (int i = 0; i < 4; i++) {
        add(Kind.COMPRESSION_CONFIG, end + i * 16, 16, CONFIG);
      }
    }
    for (int i = 0; i < superblock.extraDevices(); i++) {
      int slot = (superblock.deviceTableSlot() + i) * DeviceSlot.SIZE;
      add(Kind.DEVICE_SLOT, slot, DeviceSlot.SIZE, SLOT);
    }
    if (superblock.xattrPrefixCount() > 0) {
      each(Kind.XATTR_PREFIX, superblock.xattrPrefixStart() * 4, 32, 1, BYTE);
    }
  }

  private void inodes() throws IOException {
    Set<Long> seen = new HashSet<>();
    Deque<Long> left = new ArrayDeque<>(List.of(image.rootNid()));
    if (image.superblock().packedNid() != 0) {
      left.add(image.superblock().packedNid());
    }
    while (!left.isEmpty()) {
      long nid = left.remove();
      if (seen.add(nid)) {
        inode(image.inode(nid), left);
      }
    }
  }

  private void inode(Inode inode, Deque<Long> left) throws IOException {
    int behind = (int) inode.xattrOffset();
    boolean extended =
        (behind & 31) == 0
            && behind >= ExtendedInode.SIZE
            && (LittleEndian.u16(memory, behind - ExtendedInode.SIZE) & InodeFormat.EXTENDED) != 0
            && offset(inode) == behind - ExtendedInode.SIZE;
    int size = extended ? ExtendedInode.SIZE : CompactInode.SIZE;
    add(Kind.INODE, behind - size, size, extended ? EXTENDED : COMPACT);
    if (inode.xattrSize() > 0) {
      xattrs(inode);
    }
    FileType type = inode.type();
    if (type == FileType.REGULAR || type == FileType.DIRECTORY || type == FileType.SYMLINK) {
      map(inode);
      content(inode);
    }
    if (inode.isDirectory()) {
      image.list(
          inode,
          0,
          (name, nid, entryType, next) -> {
            left.add(nid);
            return true;
          });
    }
  }

  private int offset(Inode inode) {
    Superblock superblock = image.superblock();
    return (int) ((superblock.metaBlock() << superblock.blockBits()) + inode.nid() * 32);
  }

  private void xattrs(Inode inode) {
    long at = inode.xattrOffset();
    long end = at + inode.xattrSize();
    add(Kind.XATTR_HEADER, at, XattrHeader.SIZE, XATTR_HEADER);
    int shared = LittleEndian.u8(memory, at + 4);
    at += XattrHeader.SIZE;
    for (int i = 0; i < shared; i++, at += 4) {
      add(Kind.XATTR_HEADER, at, 4, WORD);
      long block = image.superblock().xattrBlock() << image.superblock().blockBits();
      long entry = block + 4 * LittleEndian.u32(memory, at);
      add(Kind.XATTR_ENTRY, entry, XattrEntry.SIZE, XATTR_ENTRY);
    }
    while (at + XattrEntry.SIZE <= end) {
      add(Kind.XATTR_ENTRY, at, XattrEntry.SIZE, XATTR_ENTRY);
      long used = XattrEntry.SIZE + LittleEndian.u8(memory, at) + LittleEndian.u16(memory, at + 2);
      at += (used + 3) & ~3L;
    }
  }

  /** The chunk map, or the header and the index of a compressed content. */
  private void map(Inode inode) {
    long end = inode.xattrOffset() + inode.xattrSize();
    int blockBits = image.superblock().blockBits();
    switch (inode.layout()) {
      case CHUNK_BASED -> {
        ChunkFormat format = ChunkFormat.decode(inode.data());
        int entry = format.entrySize();
        long count = ((inode.size() - 1) >> (blockBits + format.blockBits())) + 1;
        long map = (end + entry - 1) & -entry;
        each(Kind.CHUNK_MAP, map, count * entry, entry, entry == 4 ? WORD : INDEX_8);
      }
      case COMPRESSED_FULL, COMPRESSED_COMPACT -> {
        long header = (end + 7) & -8;
        add(Kind.MAP_HEADER, header, MapHeader.SIZE, MAP_HEADER);
        int bits = blockBits + MapHeader.decode(memory, header).lclusterBlockBits();
        long entries = (inode.size() >> bits) + 1;
        each(Kind.INDEX, header + 8, 8 + entries * 4, 4, PAIR_OF_SHORTS);
        each(Kind.INDEX, header + 8, 8 + entries * 8, 8, INDEX_8);
      }
      default -> {}
    }
  }

  /** What lies where the content does: entries, names, targets, tails, compressed streams. */
  private void content(Inode inode) throws IOException {
    for (long at = 0; at < inode.size(); ) {
      Extent extent;
      try {
        extent = image.extent(inode, at);
      } catch (ErofsException e) {
        return;
      }
      switch (extent) {
        case Extent.Plain plain when inode.isDirectory() ->
            directory(plain.physical(), Math.min(plain.length(), inode.size() - at));
        case Extent.Inline inline when inode.isDirectory() ->
            directory(inline.physical(), inline.length());
        case Extent.Inline inline ->
            each(Kind.INLINE_DATA, inline.physical(), inline.length(), 1, BYTE);
        case Extent.Compressed compressed -> {
          long start = compressed.physical();
          each(Kind.PCLUSTER, start, Math.min(64, compressed.stored()), 1, BYTE);
          each(Kind.PCLUSTER, start + compressed.stored() - 16, 16, 1, BYTE);
          each(Kind.PCLUSTER, start, compressed.stored(), 61, BYTE);
        }
        case Extent.Plain _, Extent.Hole _, Extent.Fragment _ -> {}
      }
      at = extent.offset() + extent.length();
    }
  }

  private void directory(long start, long length) {
    int blockSize = 1 << image.superblock().blockBits();
    for (long block = start; block < start + length; block += blockSize) {
      int names = LittleEndian.u16(memory, block + 8);
      each(Kind.DIRENT, block, names, Dirent.SIZE, DIRENT);
      each(Kind.NAME, block + names, Math.min(200, start + length - block - names), 1, BYTE);
    }
  }

  /** Adds structures that follow each other. */
  private void each(Kind kind, long start, long length, int size, int[] layout) {
    for (long at = start; at + size <= start + Math.min(length, MOST); at += size) {
      add(kind, at, size, layout);
    }
  }

  private void add(Kind kind, long start, int size, int[] layout) {
    if (start < 0 || start > bytes.length - size) {
      return; // On another device, or a guess that goes too far.
    }
    List<Field> list = fields.computeIfAbsent(kind, key -> new ArrayList<>());
    for (int i = 0; i < layout.length; i += 2) {
      list.add(new Field(kind, (int) start + layout[i], layout[i + 1], (int) start, size));
    }
  }
}
