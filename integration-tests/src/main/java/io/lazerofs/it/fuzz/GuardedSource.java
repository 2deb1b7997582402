package io.lazerofs.it.fuzz;

import io.lazerofs.source.ByteSource;
import java.lang.foreign.MemorySegment;

/** Bytes of a mutant, which tell when somebody reaches outside them. */
final class GuardedSource implements ByteSource {

  /** An access that is not wholly within the source: whoever made it did not check. */
  static final class OutsideException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutsideException(long offset, long length, long size) {
      super("%d bytes from %d on, of %d".formatted(length, offset, size));
    }
  }

  private final MemorySegment bytes;
  private final boolean views;

  /**
   * @param length how many of {@code bytes} there are; the rest was cut off
   * @param views whether to give the memory itself, too; whoever reaches outside that is told by it
   */
  GuardedSource(byte[] bytes, int length, boolean views) {
    this.bytes = MemorySegment.ofArray(bytes).asSlice(0, length).asReadOnly();
    this.views = views;
  }

  @Override
  public long size() {
    return bytes.byteSize();
  }

  @Override
  public void read(long offset, MemorySegment destination) {
    check(offset, destination.byteSize());
    MemorySegment.copy(bytes, offset, destination, 0, destination.byteSize());
  }

  @Override
  public void fill(long offset, long length) {
    check(offset, length);
  }

  @Override
  public MemorySegment memory() {
    return views ? bytes : MemorySegment.NULL;
  }

  private void check(long offset, long length) {
    if (offset < 0 || length < 0 || offset > size() - length) {
      throw new OutsideException(offset, length, size());
    }
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
