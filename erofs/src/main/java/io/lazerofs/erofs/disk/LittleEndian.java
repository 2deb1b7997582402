package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Little-endian integers at any byte of a memory segment: the layouts of every field of the format.
 *
 * <p>Each method throws {@link IndexOutOfBoundsException} when the field is not wholly inside the
 * segment; each {@code put} throws {@link IllegalArgumentException} for a value that does not fit.
 */
public final class LittleEndian {
  private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  /** Returns the unsigned byte at {@code offset}. */
  public static int u8(MemorySegment memory, long offset) {
    return Byte.toUnsignedInt(memory.get(U8, offset));
  }

  /** Returns the unsigned 16-bit integer at {@code offset}. */
  public static int u16(MemorySegment memory, long offset) {
    return Short.toUnsignedInt(memory.get(U16, offset));
  }

  /** Returns the unsigned 32-bit integer at {@code offset}. */
  public static long u32(MemorySegment memory, long offset) {
    return Integer.toUnsignedLong(memory.get(U32, offset));
  }

  /** Returns the 32 bits at {@code offset}, as they are. */
  public static int i32(MemorySegment memory, long offset) {
    return memory.get(U32, offset);
  }

  /** Returns the 64 bits at {@code offset}, as they are. */
  public static long i64(MemorySegment memory, long offset) {
    return memory.get(U64, offset);
  }

  /** Writes a byte from 0 to 255. */
  public static void putU8(MemorySegment memory, long offset, int value) {
    memory.set(U8, offset, (byte) fitting(value, 0xffL));
  }

  /** Writes a 16-bit integer from 0 to 65,535. */
  public static void putU16(MemorySegment memory, long offset, int value) {
    memory.set(U16, offset, (short) fitting(value, 0xffffL));
  }

  /** Writes a 32-bit integer from 0 to 4,294,967,295. */
  public static void putU32(MemorySegment memory, long offset, long value) {
    memory.set(U32, offset, (int) fitting(value, 0xffff_ffffL));
  }

  /** Writes 32 bits as they are. */
  public static void putI32(MemorySegment memory, long offset, int value) {
    memory.set(U32, offset, value);
  }

  /** Writes 64 bits as they are. */
  public static void putI64(MemorySegment memory, long offset, long value) {
    memory.set(U64, offset, value);
  }

  private static long fitting(long value, long max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(value + " does not fit a field of at most " + max);
    }
    return value;
  }
}
