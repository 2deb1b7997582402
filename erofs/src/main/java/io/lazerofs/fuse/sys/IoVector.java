package io.lazerofs.fuse.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazerofs.sys.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory of one transfer: an array of {@code struct iovec}, and room for the errno of the call.
 *
 * <p>For one thread at a time. It keeps addresses only: whoever sets a part keeps its memory alive
 * until the transfer is over.
 */
public final class IoVector {
  private static final long PART_BYTES = 16;

  final MemorySegment parts;
  final MemorySegment callState;

  /**
   * @param capacity the number of parts, at least 1
   */
  public IoVector(Arena arena, int capacity) {
    parts = arena.allocate(capacity * PART_BYTES, Long.BYTES);
    callState = LibC.newCallState(arena);
  }

  /** Makes {@code part} the memory at {@code index}. */
  public void set(int index, MemorySegment part) {
    set(index, part.address(), part.byteSize());
  }

  /** Makes {@code length} bytes at an address the memory at {@code index}. */
  public void set(int index, long address, long length) {
    parts.set(JAVA_LONG, index * PART_BYTES, address);
    parts.set(JAVA_LONG, index * PART_BYTES + Long.BYTES, length);
  }
}
