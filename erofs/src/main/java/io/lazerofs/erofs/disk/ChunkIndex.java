package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * Where a chunk lies.
 *
 * @param blockHigh high 16 bits of the block; counts only where {@link ChunkFormat#wide} says so,
 *     since Nydus keeps data of its own here
 * @param device 0 for the primary device, k for slot k - 1 of the device table
 * @param blockLow low 32 bits of the block
 */
public record ChunkIndex(int blockHigh, int device, long blockLow) {

  /** Size on disk, bytes. */
  public static final int SIZE = 8;

  /** Returns the high bits of the index at {@code at}. */
  public static int blockHigh(MemorySegment memory, long at) {
    return LittleEndian.u16(memory, at);
  }

  /** Returns the device of the index at {@code at}. */
  public static int device(MemorySegment memory, long at) {
    return LittleEndian.u16(memory, at + 2);
  }

  /** Returns the low bits of the index at {@code at}. */
  public static long blockLow(MemorySegment memory, long at) {
    return LittleEndian.u32(memory, at + 4);
  }

  /** Decodes the index at {@code at}. */
  public static ChunkIndex decode(MemorySegment memory, long at) {
    return new ChunkIndex(blockHigh(memory, at), device(memory, at), blockLow(memory, at));
  }

  /** Encodes this index at {@code at}. */
  public void encode(MemorySegment memory, long at) {
    LittleEndian.putU16(memory, at, blockHigh);
    LittleEndian.putU16(memory, at + 2, device);
    LittleEndian.putU32(memory, at + 4, blockLow);
  }
}
