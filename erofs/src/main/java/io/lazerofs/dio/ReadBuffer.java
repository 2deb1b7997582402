package io.lazerofs.dio;

import java.lang.foreign.MemorySegment;

/**
 * Where the bytes of a read end up: in memory that the reader gives, or in a source's own memory
 * that is lent in its place, so that nothing is copied. For one thread at a time; used again for
 * read after read.
 */
public final class ReadBuffer {
  private final MemorySegment memory;
  private MemorySegment data;
  private long start;

  /**
   * @param memory the reader's own; reads are no longer than it is
   */
  public ReadBuffer(MemorySegment memory) {
    this.memory = memory;
    this.data = memory;
  }

  /** Returns the reader's own memory, for the first bytes of which the read is. */
  public MemorySegment memory() {
    return memory;
  }

  /** Begins a read: what was lent for an earlier one is forgotten. */
  public void clear() {
    data = memory;
    start = 0;
  }

  /**
   * Makes memory of a source what was read, from {@code from} on.
   *
   * @param source not written to; valid until the reader is done with it
   */
  public void lend(MemorySegment source, long from) {
    data = source;
    start = from;
  }

  /** Returns the memory that holds what was read. */
  public MemorySegment data() {
    return data;
  }

  /** Returns the byte of {@link #data} that what was read begins with. */
  public long start() {
    return start;
  }

  /** Returns the first {@code count} bytes of what was read. */
  public MemorySegment bytes(int count) {
    return data.asSlice(start, count);
  }
}
