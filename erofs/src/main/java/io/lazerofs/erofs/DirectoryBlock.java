package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.Dirent;
import io.lazerofs.erofs.disk.FileType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One block of a directory: its entries, then their names. An entry is checked when it is touched.
 *
 * @param bytes the block, as much of it as the directory's size covers
 * @param position where the block is on its device, for exceptions
 * @param count number of entries, at least 1
 */
record DirectoryBlock(MemorySegment bytes, long position, int count) {

  /** Makes a block of its bytes; the first name tells the number of entries. */
  static DirectoryBlock of(MemorySegment bytes, long position) throws CorruptImageException {
    if (bytes.byteSize() < Dirent.SIZE) {
      throw new CorruptImageException(
          position, "directory block", "at least " + Dirent.SIZE + " bytes", bytes.byteSize());
    }
    int names = Dirent.nameOffset(bytes, 0);
    if (names < Dirent.SIZE || names % Dirent.SIZE != 0 || names >= bytes.byteSize()) {
      throw new CorruptImageException(
          position,
          "first dirent's name offset",
          "a multiple of " + Dirent.SIZE + " below " + bytes.byteSize(),
          names);
    }
    return new DirectoryBlock(bytes, position, names / Dirent.SIZE);
  }

  long nid(int index) {
    return Dirent.nid(bytes, (long) index * Dirent.SIZE);
  }

  FileType type(int index) {
    return FileType.ofCode(Dirent.fileType(bytes, (long) index * Dirent.SIZE));
  }

  /** Returns the name of an entry, 1 to 255 bytes, in the block's memory. */
  MemorySegment name(int index) throws CorruptImageException {
    int start = nameStart(index);
    return bytes.asSlice(start, nameLength(index, start));
  }

  /** Compares the name of an entry with another as directories sort them; makes no object. */
  int compareName(int index, MemorySegment other) throws CorruptImageException {
    int start = nameStart(index);
    long length = nameLength(index, start);
    long at = MemorySegment.mismatch(bytes, start, start + length, other, 0, other.byteSize());
    if (at < 0) {
      return 0;
    }
    if (at == length) {
      return -1;
    }
    return at == other.byteSize() ? 1 : compareBytes(bytes, start + at, other, at);
  }

  private int nameStart(int index) {
    return Dirent.nameOffset(bytes, (long) index * Dirent.SIZE);
  }

  private long nameLength(int index, int start) throws CorruptImageException {
    boolean last = index == count - 1;
    long end = last ? bytes.byteSize() : Dirent.nameOffset(bytes, (index + 1L) * Dirent.SIZE);
    if (start < count * Dirent.SIZE || start >= end || end > bytes.byteSize()) {
      throw new CorruptImageException(
          position + (long) index * Dirent.SIZE,
          "dirent's name offset",
          "from " + count * Dirent.SIZE + " to " + (end - 1),
          start);
    }
    long length = last ? lengthToNul(start, end) : end - start;
    if (length == 0 || length > Dirent.MAX_NAME) {
      throw new CorruptImageException(
          position + start, "length of a name", "1 to " + Dirent.MAX_NAME, length);
    }
    return length;
  }

  private long lengthToNul(long start, long end) {
    long limit = Math.min(end - start, Dirent.MAX_NAME + 1);
    long length = 0;
    while (length < limit && bytes.get(ValueLayout.JAVA_BYTE, start + length) != 0) {
      length++;
    }
    return length;
  }

  /** Requires that a name has no NUL and no slash, so that it can be shown. */
  void checkCharacters(MemorySegment name) throws CorruptImageException {
    for (long i = 0; i < name.byteSize(); i++) {
      byte character = name.get(ValueLayout.JAVA_BYTE, i);
      if (character == 0 || character == '/') {
        throw new CorruptImageException(
            position, "character of a name", "neither NUL nor slash", character);
      }
    }
  }

  /**
   * Finds a name among the entries, which are sorted by unsigned bytes.
   *
   * @return its index, or -1
   */
  int find(MemorySegment wanted) throws CorruptImageException {
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = compareName(middle, wanted);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /** Compares two names as directories sort them. */
  static int compare(MemorySegment a, MemorySegment b) {
    long at = a.mismatch(b);
    if (at < 0) {
      return 0;
    }
    if (at == a.byteSize()) {
      return -1;
    }
    if (at == b.byteSize()) {
      return 1;
    }
    return compareBytes(a, at, b, at);
  }

  private static int compareBytes(MemorySegment a, long inA, MemorySegment b, long inB) {
    return Byte.compareUnsigned(
        a.get(ValueLayout.JAVA_BYTE, inA), b.get(ValueLayout.JAVA_BYTE, inB));
  }
}
