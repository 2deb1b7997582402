package io.lazerofs.erofs;

import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Ranges that an image names: each is checked against the source before it is read. */
final class Checked {
  private Checked() {}

  /** Whether {@code [offset, offset + length)} lies in {@code [0, size)}; nothing overflows. */
  static boolean within(long offset, long length, long size) {
    return offset >= 0 && length >= 0 && offset <= size && length <= size - offset;
  }

  /**
   * Requires that a range lies in a source.
   *
   * @param what the record there, for the exception
   */
  static void range(ByteSource source, long offset, long length, String what)
      throws CorruptImageException {
    if (!within(offset, length, source.size())) {
      throw new CorruptImageException(
          offset, what, length + " bytes inside a device of " + source.size(), "a range outside");
    }
  }

  /**
   * Returns the bytes of a range: memory of the source where it has some, a copy otherwise. Not to
   * be written to.
   *
   * @param length bounded by the caller
   */
  static MemorySegment bytes(ByteSource source, long offset, int length, String what)
      throws IOException {
    range(source, offset, length, what);
    MemorySegment memory = source.memory();
    if (memory.byteSize() != 0) {
      return memory.asSlice(offset, length);
    }
    MemorySegment copy = MemorySegment.ofArray(new byte[length]);
    source.read(offset, copy);
    return copy;
  }

  /** Returns {@code block << blockBits}, the byte that a block starts at. */
  static long blockOffset(long block, int blockBits, String what) throws CorruptImageException {
    if (block < 0 || block > Long.MAX_VALUE >> blockBits) {
      throw new CorruptImageException(0, what, "a block address of 63 bits in bytes", block);
    }
    return block << blockBits;
  }
}
