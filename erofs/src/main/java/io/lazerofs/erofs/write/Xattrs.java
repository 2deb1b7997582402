package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.XattrEntry;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.erofs.disk.XattrPrefix;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/** The extended attributes of an inode, as they lie behind it: in the order of their names. */
final class Xattrs {

  /** No attributes: they take no space at all. */
  static final Xattrs NONE = new Xattrs(new TreeMap<>());

  private static final int MAX_SUFFIX = 255;
  private static final int MAX_VALUE = 0xffff;
  private static final int MAX_BODY = XattrHeader.bodySize(0xffff);

  private final SortedMap<String, byte[]> values;

  private Xattrs(SortedMap<String, byte[]> values) {
    this.values = values;
  }

  /**
   * Returns attributes by their full names, one character a byte.
   *
   * @throws IllegalArgumentException when the format cannot hold one of them, or all together
   */
  static Xattrs of(SortedMap<String, byte[]> values) {
    if (values.isEmpty()) {
      return NONE;
    }
    Xattrs xattrs = new Xattrs(new TreeMap<>(values));
    values.forEach(Xattrs::check);
    if (xattrs.bodySize() > MAX_BODY) {
      throw new IllegalArgumentException(
          "extended attributes of " + xattrs.bodySize() + " bytes, at most " + MAX_BODY + " fit");
    }
    return xattrs;
  }

  /** Whether the format has a place for this name: the kernel has no other namespaces. */
  static boolean hasPlace(String name) {
    return XattrPrefix.ofName(bytes(name)).isPresent();
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** Returns these attributes and one more, which replaces one of the same name. */
  Xattrs with(String name, byte[] value) {
    SortedMap<String, byte[]> more = new TreeMap<>(values);
    more.put(name, value);
    return of(more);
  }

  /** Returns the size on disk, bytes: a multiple of 4, and 0 for none. */
  int bodySize() {
    long size = values.isEmpty() ? 0 : XattrHeader.SIZE;
    for (var value : values.entrySet()) {
      size += entry(value.getKey(), value.getValue()).paddedSize();
    }
    return Math.toIntExact(size);
  }

  /** Encodes all at {@code at}, over {@link #bodySize} bytes that are zeros. */
  void encode(MemorySegment memory, long at) {
    if (values.isEmpty()) {
      return;
    }
    new XattrHeader(0, 0).encode(memory, at);
    long next = at + XattrHeader.SIZE;
    for (var value : values.entrySet()) {
      XattrEntry entry = entry(value.getKey(), value.getValue());
      entry.encode(memory, next);
      byte[] name = bytes(value.getKey());
      long nameAt = next + XattrEntry.SIZE;
      int skipped = name.length - entry.nameLength();
      MemorySegment.copy(MemorySegment.ofArray(name), skipped, memory, nameAt, entry.nameLength());
      MemorySegment.copy(
          MemorySegment.ofArray(value.getValue()),
          0,
          memory,
          nameAt + entry.nameLength(),
          entry.valueSize());
      next += entry.paddedSize();
    }
  }

  private static XattrEntry entry(String name, byte[] value) {
    XattrPrefix prefix = prefix(name);
    return new XattrEntry(name.length() - prefix.length(), prefix.index(), value.length);
  }

  private static void check(String name, byte[] value) {
    int suffix = name.length() - prefix(name).length();
    if (suffix > MAX_SUFFIX || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the name of an extended attribute is too long or has NUL");
    }
    if (value.length > MAX_VALUE) {
      throw new IllegalArgumentException(
          "an extended attribute of " + value.length + " bytes, at most " + MAX_VALUE + " fit");
    }
  }

  private static XattrPrefix prefix(String name) {
    return XattrPrefix.ofName(bytes(name))
        .orElseThrow(() -> new IllegalArgumentException("no namespace of extended attributes"));
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.ISO_8859_1);
  }
}
