package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.erofs.disk.XattrEntry;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.erofs.disk.XattrNameFilter;
import io.lazerofs.erofs.disk.XattrPrefix;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds extended attributes (kernel: fs/erofs/xattr.c).
 *
 * <p>That an inode lacks an attribute is the answer asked for most, so it costs least: nothing for
 * an inode without xattrs, one header where the name filter tells.
 */
final class Xattrs {
  private final Metadata metadata;
  private final MetadataCache cache;
  private final XattrPrefixes prefixes;
  private final boolean filtered;
  private final ByteSource shared;
  private final long sharedOffset;

  Xattrs(Superblock superblock, Metadata metadata, XattrPrefixes prefixes, MetadataCache cache) {
    this.metadata = metadata;
    this.cache = cache;
    this.prefixes = prefixes;
    this.filtered =
        superblock.hasCompatible(CompatibleFeatures.XATTR_FILTER)
            && superblock.xattrFilterReserved() == 0;
    this.shared =
        superblock.hasCompatible(CompatibleFeatures.SHARED_XATTRS_IN_METABOX)
            ? metadata.metabox().orElse(metadata.primary())
            : metadata.primary();
    this.sharedOffset = superblock.xattrBlock() << superblock.blockBits();
  }

  Optional<byte[]> get(Inode inode, byte[] name) throws IOException {
    if (inode.xattrSize() == 0) {
      return Optional.empty();
    }
    Optional<XattrPrefix> prefix = XattrPrefix.ofName(name);
    if (prefix.isEmpty() || filteredOut(inode, prefix.get(), name)) {
      return Optional.empty();
    }
    Finder finder = new Finder(prefix.get(), MemorySegment.ofArray(name));
    visit(inode, finder);
    return finder.value;
  }

  List<byte[]> names(Inode inode) throws IOException {
    if (inode.xattrSize() == 0) {
      return List.of();
    }
    List<byte[]> names = new ArrayList<>();
    visit(
        inode,
        (prefix, suffix, isShared, value) -> {
          if (prefix.base().isPresent()) {
            names.add(fullName(prefix.base().get(), prefix.infix(), suffix));
          }
          return true;
        });
    return names;
  }

  void list(Inode inode, Consumer<Xattr> consumer) throws IOException {
    if (inode.xattrSize() == 0) {
      return;
    }
    int filter = filtered ? nameFilter(inode) : XattrNameFilter.ALL_POSSIBLE;
    visit(
        inode,
        (prefix, suffix, isShared, value) -> {
          if (prefix.base().isPresent()) {
            byte[] name = fullName(prefix.base().get(), prefix.infix(), suffix);
            int bit = XattrNameFilter.bit(prefix.base().get(), name);
            boolean hidden = XattrNameFilter.excludes(filter, bit);
            consumer.accept(new Xattr(name, value.read(), isShared, hidden));
          }
          return true;
        });
  }

  private boolean filteredOut(Inode inode, XattrPrefix prefix, byte[] name) throws IOException {
    return filtered
        && XattrNameFilter.excludes(nameFilter(inode), XattrNameFilter.bit(prefix, name));
  }

  private int nameFilter(Inode inode) throws IOException {
    ByteSource source = metadata.source(inode.nid());
    return XattrHeader.decode(header(source, inode.xattrOffset()), 0).nameFilter();
  }

  private MemorySegment header(ByteSource source, long position) throws IOException {
    return kept(source, position, XattrHeader.SIZE, "xattr header");
  }

  private MemorySegment kept(ByteSource source, long position, int length, String what)
      throws IOException {
    MemorySegment bytes =
        cache.get(
            MemorySegment.class,
            source,
            position,
            () -> Checked.bytes(source, position, length, what));
    // Xattrs of a corrupt image may overlap.
    return bytes.byteSize() == length ? bytes : Checked.bytes(source, position, length, what);
  }

  /** Takes the parts of an xattr; returns false to end. */
  @FunctionalInterface
  private interface Visitor {
    boolean visit(XattrPrefixes.Prefix prefix, MemorySegment suffix, boolean isShared, Value value)
        throws IOException;
  }

  /** The value of an xattr, read only when it is asked for. */
  @FunctionalInterface
  private interface Value {
    byte[] read() throws IOException;
  }

  private void visit(Inode inode, Visitor visitor) throws IOException {
    int size = inode.xattrSize();
    if (size == XattrHeader.SIZE) {
      throw new UnsupportedFeatureException("xattr body of a header only", size);
    }
    ByteSource source = metadata.source(inode.nid());
    long position = inode.xattrOffset() + XattrHeader.SIZE;
    int rest = size - XattrHeader.SIZE;
    Checked.range(source, inode.xattrOffset(), size, "xattr body");
    int ids = XattrHeader.decode(header(source, inode.xattrOffset()), 0).sharedCount();
    int at = ids * XattrHeader.UNIT;
    if (at > rest) {
      throw new CorruptImageException(
          position, "number of shared xattrs", "ids inside the xattr body", ids);
    }
    MemorySegment body = kept(source, position, rest, "xattr body");
    while (at < rest) {
      XattrEntry entry = XattrEntry.decode(body, at);
      if (entry.paddedSize() > rest - at) {
        throw new CorruptImageException(
            position + at, "xattr entry", "at most " + (rest - at) + " bytes", entry.paddedSize());
      }
      if (!visitInline(body, at, entry, position + at, visitor)) {
        return;
      }
      at += entry.paddedSize();
    }
    for (int i = 0; i < ids; i++) {
      long id = LittleEndian.u32(body, (long) i * XattrHeader.UNIT);
      if (!visitShared(sharedOffset + id * XattrHeader.UNIT, visitor)) {
        return;
      }
    }
  }

  private boolean visitInline(
      MemorySegment body, int at, XattrEntry entry, long position, Visitor visitor)
      throws IOException {
    long name = (long) at + XattrEntry.SIZE;
    long value = name + entry.nameLength();
    return visitor.visit(
        prefixes.of(entry.nameIndex(), position),
        body.asSlice(name, entry.nameLength()),
        false,
        () -> body.asSlice(value, entry.valueSize()).toArray(ValueLayout.JAVA_BYTE));
  }

  private boolean visitShared(long position, Visitor visitor) throws IOException {
    XattrEntry entry =
        XattrEntry.decode(kept(shared, position, XattrEntry.SIZE, "shared xattr entry"), 0);
    long name = position + XattrEntry.SIZE;
    long value = name + entry.nameLength();
    return visitor.visit(
        prefixes.of(entry.nameIndex(), position),
        kept(shared, name, entry.nameLength(), "shared xattr name"),
        true,
        () ->
            kept(shared, value, entry.valueSize(), "shared xattr value")
                .toArray(ValueLayout.JAVA_BYTE));
  }

  private static byte[] fullName(XattrPrefix base, MemorySegment infix, MemorySegment suffix) {
    int infixLength = (int) infix.byteSize();
    int suffixLength = (int) suffix.byteSize();
    byte[] name = new byte[base.length() + infixLength + suffixLength];
    System.arraycopy(base.bytes(), 0, name, 0, base.length());
    MemorySegment.copy(infix, ValueLayout.JAVA_BYTE, 0, name, base.length(), infixLength);
    MemorySegment.copy(
        suffix, ValueLayout.JAVA_BYTE, 0, name, base.length() + infixLength, suffixLength);
    return name;
  }

  /** Finds the value of one name. */
  private static final class Finder implements Visitor {
    private final XattrPrefix prefix;
    private final MemorySegment name;
    private Optional<byte[]> value = Optional.empty();

    Finder(XattrPrefix prefix, MemorySegment name) {
      this.prefix = prefix;
      this.name = name;
    }

    @Override
    public boolean visit(
        XattrPrefixes.Prefix found, MemorySegment suffix, boolean isShared, Value foundValue)
        throws IOException {
      if (!matches(found, suffix)) {
        return true;
      }
      value = Optional.of(foundValue.read());
      return false;
    }

    private boolean matches(XattrPrefixes.Prefix found, MemorySegment suffix) {
      long infixAt = prefix.length();
      long suffixAt = infixAt + found.infix().byteSize();
      return found.base().isPresent()
          && found.base().get() == prefix
          && suffixAt + suffix.byteSize() == name.byteSize()
          && name.asSlice(infixAt, suffixAt - infixAt).mismatch(found.infix()) < 0
          && name.asSlice(suffixAt).mismatch(suffix) < 0;
    }
  }
}
