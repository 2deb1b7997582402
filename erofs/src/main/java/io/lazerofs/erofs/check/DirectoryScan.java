package io.lazerofs.erofs.check;

import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.Dirent;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.files.Printable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The entries of one directory, one after the other: what is wrong with an entry is reported, and
 * the scan goes on with the next. "." and ".." are checked here and not returned.
 */
final class DirectoryScan {
  private static final byte[] DOT = {'.'};
  private static final byte[] DOT_DOT = {'.', '.'};

  private final ErofsImage image;
  private final Inode directory;
  private final long parentNid;
  private final TreePath path;
  private final BlockBuffer buffer;
  private final Consumer<Fault> faults;
  private final int blockSize;

  private long blockStart;
  private int count;
  private int index;
  private byte[] previous = new byte[0];
  private boolean dotSeen;
  private boolean dotDotSeen;
  private boolean sound = true;

  private byte[] name = previous;
  private long nid;
  private int typeCode;
  private int entryAt;

  /**
   * @param parentNid what ".." must be
   * @param buffer shared by all scans of a walk
   */
  DirectoryScan(
      ErofsImage image,
      Inode directory,
      long parentNid,
      TreePath path,
      BlockBuffer buffer,
      Consumer<Fault> faults) {
    this.image = image;
    this.directory = directory;
    this.parentNid = parentNid;
    this.path = path;
    this.buffer = buffer;
    this.faults = faults;
    this.blockSize = image.superblock().blockSize();
    this.blockStart = -blockSize;
  }

  /** Goes to the next entry that has a name of its own; returns false when there is none. */
  boolean next() throws IOException {
    while (true) {
      if (index == count) {
        if (!nextBlock()) {
          return false;
        }
      } else if (read(index++) && !dots()) {
        return true;
      }
    }
  }

  /** Returns the name of the entry that {@link #next} went to. */
  byte[] name() {
    return name;
  }

  long nid() {
    return nid;
  }

  /** Whether all blocks and entries so far could be read, so that none of the names is lost. */
  boolean sound() {
    return sound;
  }

  /** Requires that an entry's type is that of its inode; it may tell none. */
  void checkType(FileType actual) {
    if (typeCode != FileType.UNKNOWN.code() && typeCode != actual.code()) {
      report(
          path.child(name),
          entryAt,
          "dirent's file type",
          "%d, %s".formatted(actual.code(), actual),
          Integer.toString(typeCode));
    }
  }

  /** Reports that the entry names a directory that has a name already. */
  void reportSecondName() {
    report(path.child(name), entryAt, "directory", "one name in one directory", "a further name");
  }

  /** Goes to the next block that has entries; at the end, looks whether any were missing. */
  private boolean nextBlock() throws IOException {
    long next = blockStart + blockSize;
    while (next < directory.size()) {
      blockStart = next;
      index = 0;
      count = 0;
      try {
        Extent extent = image.extent(directory, next);
        if (extent instanceof Extent.Hole) {
          lost(0, "directory content", "stored blocks", "a hole");
          break;
        }
        next = Math.max(next + blockSize, end(extent));
        MemorySegment block = buffer.read(directory, blockStart);
        next = blockStart + blockSize;
        if (countEntries(block)) {
          return true;
        }
      } catch (ErofsException e) {
        sound = false;
        faults.accept(Fault.of(path.toString(), directory.xattrOffset(), e));
        if (next <= blockStart) {
          break;
        }
      }
    }
    blockStart = Math.max(directory.size(), 0);
    requireDots();
    return false;
  }

  /** Returns the first block after an extent, or the end of the directory. */
  private long end(Extent extent) {
    long end = extent.offset() + extent.length();
    return end < 0 || end >= directory.size()
        ? directory.size()
        : Math.ceilDiv(end, blockSize) * blockSize;
  }

  private boolean countEntries(MemorySegment block) {
    if (block.byteSize() < Dirent.SIZE) {
      lost(0, "directory block", "at least " + Dirent.SIZE + " bytes", "" + block.byteSize());
      return false;
    }
    int names = Dirent.nameOffset(block, 0);
    if (names < Dirent.SIZE || names % Dirent.SIZE != 0 || names >= block.byteSize()) {
      lost(
          0,
          "first dirent's name offset",
          "a multiple of %d below %d".formatted(Dirent.SIZE, block.byteSize()),
          "" + names);
      return false;
    }
    count = names / Dirent.SIZE;
    return true;
  }

  /** Reads and checks one entry of the block; returns false when it cannot be used. */
  private boolean read(int entry) throws IOException {
    MemorySegment block = buffer.read(directory, blockStart);
    entryAt = entry * Dirent.SIZE;
    int start = Dirent.nameOffset(block, entryAt);
    boolean last = entry == count - 1;
    long end = last ? block.byteSize() : Dirent.nameOffset(block, entryAt + (long) Dirent.SIZE);
    if (start < count * Dirent.SIZE || start >= end || end > block.byteSize()) {
      lost(
          entryAt,
          "dirent's name offset",
          "from %d to %d".formatted(count * Dirent.SIZE, end - 1),
          "" + start);
      return false;
    }
    byte[] bytes = block.asSlice(start, end - start).toArray(ValueLayout.JAVA_BYTE);
    name = last ? Arrays.copyOf(bytes, lengthToNul(bytes)) : bytes;
    if (name.length == 0 || name.length > Dirent.MAX_NAME) {
      lost(start, "length of a name", "1 to " + Dirent.MAX_NAME, "" + name.length);
      return false;
    }
    nid = Dirent.nid(block, entryAt);
    typeCode = Dirent.fileType(block, entryAt);
    return checkName(start);
  }

  private static int lengthToNul(byte[] bytes) {
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return length;
  }

  /** Requires that the name can be one and stands where it sorts. */
  private boolean checkName(int start) {
    for (int i = 0; i < name.length; i++) {
      if (name[i] == 0 || name[i] == '/') {
        lost(start + i, "character of a name", "neither NUL nor slash", "" + name[i]);
        return false;
      }
    }
    int order = Arrays.compareUnsigned(previous, name);
    if (order > 0) {
      report(
          path.child(name),
          entryAt,
          "order of names",
          "after " + Printable.of(previous),
          Printable.of(name));
    }
    if (order == 0) {
      lost(entryAt, "name", "one that is not there already", Printable.of(name));
      return false;
    }
    previous = name;
    return true;
  }

  /** Checks the entry if it is "." or "..", and returns whether it is. */
  private boolean dots() {
    if (Arrays.equals(name, DOT)) {
      dotSeen = true;
      checkDots(directory.nid());
      return true;
    }
    if (Arrays.equals(name, DOT_DOT)) {
      dotDotSeen = true;
      checkDots(parentNid);
      return true;
    }
    return false;
  }

  private void checkDots(long expected) {
    if (nid != expected) {
      report(path, entryAt, "nid of \"%s\"".formatted(Printable.of(name)), "" + expected, "" + nid);
    }
    checkType(FileType.DIRECTORY);
  }

  private void requireDots() {
    if (!sound) {
      return;
    }
    if (dotSeen == directory.dotOmitted()) {
      report(path, 0, "\".\"", dotSeen ? "none, as the inode says" : "an entry", "" + dotSeen);
    }
    if (!dotDotSeen) {
      report(path, 0, "\"..\"", "an entry", "none");
    }
  }

  /** Reports a fault that hides one name or more. */
  private void lost(int inBlock, String what, String expected, String actual) {
    sound = false;
    report(path, inBlock, what, expected, actual);
  }

  private void report(TreePath where, int inBlock, String what, String expected, String actual) {
    faults.accept(new Fault(where.toString(), position(inBlock), what, expected, actual));
  }

  /** Returns where a byte of the block is on its device, or what stands for it when it is coded. */
  private long position(int inBlock) {
    long offset = blockStart + inBlock;
    try {
      return offset >= directory.size()
          ? directory.xattrOffset()
          : switch (image.extent(directory, offset)) {
            case Extent.Plain plain -> plain.physical() + (offset - plain.offset());
            case Extent.Inline inline -> inline.physical() + (offset - inline.offset());
            case Extent.Compressed compressed -> compressed.physical();
            case Extent.Hole _, Extent.Fragment _ -> directory.xattrOffset();
          };
    } catch (IOException e) {
      return directory.xattrOffset();
    }
  }
}
