package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.Dirent;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.erofs.disk.XattrEntry;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.erofs.disk.XattrPrefix;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The prefixes that an image's xattr names may begin with: those of the format, and the image's own
 * long ones.
 *
 * <p>A long prefix is stored as a 16-bit length, the index of an {@link XattrPrefix} and, as the
 * rest of the length, the infix that follows that.
 */
final class XattrPrefixes {
  private static final int LENGTH_SIZE = Short.BYTES;
  private static final String WHAT = "long xattr prefix";

  private final List<Prefix> longPrefixes;

  private XattrPrefixes(List<Prefix> longPrefixes) {
    this.longPrefixes = List.copyOf(longPrefixes);
  }

  /** A prefix: one of the format's, or nothing that this reader knows, and what follows it. */
  record Prefix(Optional<XattrPrefix> base, MemorySegment infix) {}

  /**
   * Reads the long prefixes of an image, from the primary device, the metabox or the packed inode.
   *
   * @param packed the content of the packed inode
   */
  static XattrPrefixes open(Superblock superblock, Metadata metadata, Optional<ByteSource> packed)
      throws IOException {
    int count = superblock.xattrPrefixCount();
    if (count == 0 || !superblock.has(IncompatibleFeature.XATTR_PREFIXES)) {
      return new XattrPrefixes(List.of());
    }
    long start = superblock.xattrPrefixStart() * XattrHeader.UNIT;
    boolean plain = superblock.hasCompatible(CompatibleFeatures.PLAIN_XATTR_PREFIXES);
    ByteSource source =
        plain ? metadata.primary() : metadata.metabox().or(() -> packed).orElse(metadata.primary());
    List<Prefix> prefixes = new ArrayList<>(count);
    long at = start;
    for (int i = 0; i < count; i++) {
      int length = LittleEndian.u16(Checked.bytes(source, at, LENGTH_SIZE, WHAT), 0);
      if (length < 1 || length > 1 + Dirent.MAX_NAME) {
        throw new CorruptImageException(
            at, "length of a long xattr prefix", "1 to " + (1 + Dirent.MAX_NAME), length);
      }
      byte[] item =
          Checked.bytes(source, at + LENGTH_SIZE, length, WHAT).toArray(ValueLayout.JAVA_BYTE);
      MemorySegment bytes = MemorySegment.ofArray(item);
      prefixes.add(new Prefix(XattrPrefix.ofIndex(LittleEndian.u8(bytes, 0)), bytes.asSlice(1)));
      at = (at + LENGTH_SIZE + length + XattrHeader.UNIT - 1) & -XattrHeader.UNIT;
    }
    return new XattrPrefixes(prefixes);
  }

  /**
   * Returns the prefix that an entry's name index stands for.
   *
   * @param position where the entry is, for the exception
   */
  Prefix of(int nameIndex, long position) throws CorruptImageException {
    if ((nameIndex & XattrEntry.LONG_PREFIX) == 0) {
      return new Prefix(XattrPrefix.ofIndex(nameIndex), MemorySegment.NULL);
    }
    int number = nameIndex & ~XattrEntry.LONG_PREFIX;
    if (number >= longPrefixes.size()) {
      throw new CorruptImageException(
          position, "long xattr prefix", "a number below " + longPrefixes.size(), number);
    }
    return longPrefixes.get(number);
  }
}
