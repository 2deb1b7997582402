package io.lazerofs.fuse.jnr;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.lazerofs.fuse.Errno;
import java.lang.foreign.MemorySegment;

/**
 * Memory that libfuse lends for the time of a callback: the C strings in it, and answers that have
 * to fit in it.
 */
final class Memory {
  private Memory() {}

  static MemorySegment at(long address, long size) {
    return MemorySegment.ofAddress(address).reinterpret(size);
  }

  /** Returns the bytes of a C string, without its NUL. */
  static byte[] string(long address) {
    MemorySegment memory = at(address, Long.MAX_VALUE);
    long length = 0;
    while (memory.get(JAVA_BYTE, length) != 0) {
      length++;
    }
    return memory.asSlice(0, length).toArray(JAVA_BYTE);
  }

  /** Puts a C string there, as much of it as fits (readlink(2) truncates). */
  static void putString(byte[] bytes, long address, long size) {
    int length = (int) Math.min(bytes.length, size - 1);
    MemorySegment memory = at(address, size);
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, length);
    memory.set(JAVA_BYTE, length, (byte) 0);
  }

  /**
   * Puts bytes there, if memory for them is given.
   *
   * @param size 0 when only their number is asked for
   * @return their number, or {@code -ERANGE} when they do not fit
   */
  static int putAll(byte[] bytes, long address, long size) {
    if (size != 0 && size < bytes.length) {
      return -Errno.ERANGE.number();
    }
    if (size != 0) {
      MemorySegment.copy(bytes, 0, at(address, size), JAVA_BYTE, 0, bytes.length);
    }
    return bytes.length;
  }
}
