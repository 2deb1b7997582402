package io.lazerofs.it.fuzz;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.CompressionConfigs;
import io.lazerofs.erofs.disk.DeviceSlot;
import io.lazerofs.erofs.disk.Dirent;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.erofs.disk.IncompatibleFeature;
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
import java.util.Optional;
import java.util.Set;

/**
 * Where in an image which field is: found by walking the image while it is whole, also in contents
 * that are compressed, as far as they have {@link Places}. Offsets and widths are those of the
 * kernel's fs/erofs/erofs_fs.h.
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
  private static final int[] CONFIG = {0, 2, 2, 2, 4, 2, 6, 2};
  private static final int[] SLOT = {64, 4, 68, 4, 72, 2, 74, 2};
  private static final int[] XATTR_HEADER = {0, 4, 4, 1};
  private static final int[] XATTR_ENTRY = {0, 1, 1, 1, 2, 2};
  private static final int[] MAP_HEADER = {0, 2, 2, 2, 4, 2, 6, 1, 7, 1};
  private static final int[] PAIR_OF_SHORTS = {0, 2, 2, 2};
  private static final int[] INDEX_8 = {0, 2, 2, 2, 4, 2, 6, 2};
  private static final int[] DIRENT = {0, 8, 8, 2, 10, 1};
  private static final int[] WORD = {0, 4};
  private static final int[] BYTE = {0, 1};

  /** Of structures in a row, as many have fields, at most: at equal distances where more are. */
  private static final int MOST = 4096;

  private final Original original;
  private final ErofsImage image;
  private final Places device;
  private final Optional<Places> metabox;
  private final Map<Kind, List<Field>> fields = new EnumMap<>(Kind.class);

  private StructureMap(Original original, ErofsImage image) throws IOException {
    this.original = original;
    this.image = image;
    this.device = Places.ofDevice(original);
    long nid = image.superblock().metaboxNid();
    this.metabox =
        nid == 0
            ? Optional.empty()
            : Optional.of(Places.ofContent(original, image, image.inode(nid), device));
  }

  /** Returns the fields by kind, only kinds that there are. */
  static Map<Kind, List<Field>> of(Original original) throws IOException {
    List<ByteSource> sources = new ArrayList<>();
    for (byte[] device : original.devices()) {
      sources.add(new GuardedSource(device, device.length, true));
    }
    StructureMap map = new StructureMap(original, Walk.open(sources));
    map.superblock();
    map.inodes();
    map.fields.values().removeIf(List::isEmpty);
    return map.fields;
  }

  private void superblock() {
    Superblock superblock = image.superblock();
    add(Kind.SUPERBLOCK, device, Superblock.OFFSET, Superblock.SIZE + 16, SUPERBLOCK);
    if (superblock.has(IncompatibleFeature.COMPRESSION_CONFIGS)) {
      configs(superblock);
    }
    for (int i = 0; i < superblock.extraDevices(); i++) {
      int slot = (superblock.deviceTableSlot() + i) * DeviceSlot.SIZE;
      add(Kind.DEVICE_SLOT, device, slot, DeviceSlot.SIZE, SLOT);
    }
    if (superblock.xattrPrefixCount() > 0) {
      each(Kind.XATTR_PREFIX, device, superblock.xattrPrefixStart() * 4, 32, 1, BYTE);
    }
  }

  /** The length of each configuration, and what it has in the first six bytes: more is reserved. */
  private void configs(Superblock superblock) {
    long at = Superblock.OFFSET + (long) superblock.size();
    for (int i = Integer.bitCount(superblock.compression()); i > 0; i--) {
      at = (at + CompressionConfigs.ALIGNMENT - 1) & -CompressionConfigs.ALIGNMENT;
      int size = LittleEndian.u16(device.bytes(), at);
      add(Kind.COMPRESSION_CONFIG, device, at, CompressionConfigs.LENGTH_SIZE + 6, CONFIG);
      at += CompressionConfigs.LENGTH_SIZE + size;
    }
  }

  private void inodes() throws IOException {
    Set<Long> seen = new HashSet<>();
    Superblock superblock = image.superblock();
    Deque<Long> left = new ArrayDeque<>(List.of(image.rootNid()));
    for (long hidden : new long[] {superblock.packedNid(), superblock.metaboxNid()}) {
      if (hidden != 0) {
        left.add(hidden);
      }
    }
    while (!left.isEmpty()) {
      long nid = left.remove();
      if (seen.add(nid)) {
        inode(image.inode(nid), left);
      }
    }
  }

  private void inode(Inode inode, Deque<Long> left) throws IOException {
    Places holder = holder(inode.nid());
    boolean extended = inode.xattrOffset() - start(inode.nid()) == ExtendedInode.SIZE;
    int size = extended ? ExtendedInode.SIZE : CompactInode.SIZE;
    add(Kind.INODE, holder, start(inode.nid()), size, extended ? EXTENDED : COMPACT);
    if (inode.xattrSize() > 0) {
      xattrs(inode, holder);
    }
    if (inode.hasContent()) {
      map(inode, holder);
      content(inode, holder);
    }
    if (inode.isDirectory()) {
      directory(Places.ofContent(original, image, inode, holder));
      image.list(
          inode,
          0,
          (name, nid, entryType, next) -> {
            left.add(nid);
            return true;
          });
    }
  }

  /** Returns what an inode is in: bit 63 of its nid says, but in images without a metabox. */
  private Places holder(long nid) {
    return nid < 0 && metabox.isPresent() ? metabox.get() : device;
  }

  /** Returns the byte of its holder that an inode starts at. */
  private long start(long nid) {
    Superblock superblock = image.superblock();
    return nid < 0 && metabox.isPresent()
        ? nid << 5
        : (superblock.metaBlock() << superblock.blockBits()) + (nid << 5);
  }

  private void xattrs(Inode inode, Places holder) {
    MemorySegment memory = holder.bytes();
    long at = inode.xattrOffset();
    long end = at + inode.xattrSize();
    add(Kind.XATTR_HEADER, holder, at, XattrHeader.SIZE, XATTR_HEADER);
    int count = LittleEndian.u8(memory, at + 4);
    Superblock superblock = image.superblock();
    boolean boxed = superblock.hasCompatible(CompatibleFeatures.SHARED_XATTRS_IN_METABOX);
    Places shared = boxed ? metabox.orElse(device) : device;
    at += XattrHeader.SIZE;
    for (int i = 0; i < count; i++, at += 4) {
      add(Kind.XATTR_HEADER, holder, at, 4, WORD);
      long block = superblock.xattrBlock() << superblock.blockBits();
      long entry = block + 4 * LittleEndian.u32(memory, at);
      add(Kind.XATTR_ENTRY, shared, entry, XattrEntry.SIZE, XATTR_ENTRY);
    }
    while (at + XattrEntry.SIZE <= end) {
      add(Kind.XATTR_ENTRY, holder, at, XattrEntry.SIZE, XATTR_ENTRY);
      long used = XattrEntry.SIZE + LittleEndian.u8(memory, at) + LittleEndian.u16(memory, at + 2);
      at += (used + 3) & ~3L;
    }
  }

  /** The chunk map, or the header and the index of a compressed content. */
  private void map(Inode inode, Places holder) {
    long end = inode.xattrOffset() + inode.xattrSize();
    int blockBits = image.superblock().blockBits();
    switch (inode.layout()) {
      case CHUNK_BASED -> {
        ChunkFormat format = ChunkFormat.decode(inode.data());
        int entry = format.entrySize();
        long count = ((inode.size() - 1) >> (blockBits + format.blockBits())) + 1;
        long map = (end + entry - 1) & -(long) entry;
        int[] layout = entry == 4 ? WORD : INDEX_8;
        each(Kind.CHUNK_MAP, holder, map, count * entry, entry, layout);
      }
      case COMPRESSED_FULL, COMPRESSED_COMPACT -> {
        long header = (end + 7) & -8;
        add(Kind.MAP_HEADER, holder, header, MapHeader.SIZE, MAP_HEADER);
        int bits = blockBits + MapHeader.decode(holder.bytes(), header).lclusterBlockBits();
        long entries = (inode.size() >> bits) + 1;
        each(Kind.INDEX, holder, header + 8, 8 + entries * 4, 4, PAIR_OF_SHORTS);
        each(Kind.INDEX, holder, header + 8, 8 + entries * 8, 8, INDEX_8);
      }
      default -> {}
    }
  }

  /** What lies where the content does: targets, tails, compressed streams. */
  private void content(Inode inode, Places holder) throws IOException {
    for (long at = 0; at < inode.size(); ) {
      Extent extent = image.extent(inode, at);
      switch (extent) {
        case Extent.Inline inline when !inode.isDirectory() ->
            each(Kind.INLINE_DATA, holder, inline.physical(), inline.length(), 1, BYTE);
        case Extent.Compressed compressed -> {
          long start = compressed.physical();
          each(Kind.PCLUSTER, device, start, Math.min(64, compressed.stored()), 1, BYTE);
          each(Kind.PCLUSTER, device, start + compressed.stored() - 16, 16, 1, BYTE);
          for (int i = 0; i < compressed.stored(); i += 61) {
            add(Kind.PCLUSTER, device, start + i, 1, BYTE);
          }
        }
        case Extent.Plain _, Extent.Inline _, Extent.Hole _, Extent.Fragment _ -> {}
      }
      at = extent.offset() + extent.length();
    }
  }

  /** The entries and names in a directory's content. */
  private void directory(Places content) {
    int blockSize = 1 << image.superblock().blockBits();
    long length = content.bytes().byteSize();
    for (long block = 0; block < length; block += blockSize) {
      int names = LittleEndian.u16(content.bytes(), block + 8);
      each(Kind.DIRENT, content, block, names, Dirent.SIZE, DIRENT);
      long end = Math.min(block + blockSize, length);
      each(Kind.NAME, content, block + names, Math.min(200, end - block - names), 1, BYTE);
    }
  }

  /** Adds structures that follow each other. */
  private void each(Kind kind, Places places, long start, long length, int size, int[] layout) {
    long step = Math.max(1, Math.ceilDiv(length / size, MOST)) * size;
    for (long at = start; at + size <= start + length; at += step) {
      add(kind, places, at, size, layout);
    }
  }

  /** Adds a structure, byte by byte where it does not lie in one piece. */
  private void add(Kind kind, Places places, long start, int size, int[] layout) {
    List<Field> list = fields.computeIfAbsent(kind, key -> new ArrayList<>());
    boolean whole = places.together(start, size);
    for (int i = 0; i < layout.length; i += 2) {
      int at = places.of(start + layout[i]);
      if (whole) {
        list.add(new Field(kind, at, layout[i + 1], places.of(start), size));
        continue;
      }
      for (int j = 0; j < layout[i + 1]; j++) {
        int single = places.of(start + layout[i] + j);
        if (single >= 0) {
          list.add(new Field(kind, single, 1, single, 1));
        }
      }
    }
  }
}
