package io.lazerofs.erofs.write;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Gives inodes their places in the metadata area, one behind the other. Where one does not fit
 * behind the last without breaking across blocks it begins further on, and what is left free goes
 * to later ones that fit there.
 */
final class SlotAllocator {

  /** So many gaps are remembered: an inode comes to lie some blocks before its turn at most. */
  private static final int MAX_GAPS = 32;

  private record Gap(long start, long end) {}

  private final int blockSize;
  private final Deque<Gap> gaps = new ArrayDeque<>();
  private long end;

  /**
   * @param start where the first inode goes, bytes
   */
  SlotAllocator(int blockSize, long start) {
    this.blockSize = blockSize;
    end = start;
  }

  /** Returns where an inode of this shape begins, bytes. */
  long place(Shape shape) {
    for (Iterator<Gap> left = gaps.iterator(); left.hasNext(); ) {
      Gap gap = left.next();
      long start = fit(gap.start, shape);
      if (start + shape.total() <= gap.end) {
        left.remove();
        remember(gap.start, start);
        remember(start + shape.total(), gap.end);
        return start;
      }
    }
    long start = fit(end, shape);
    remember(end, start);
    end = start + shape.total();
    return start;
  }

  /** Returns the first slot from {@code from} on where a shape does not break. */
  private long fit(long from, Shape shape) {
    long start = aligned(from);
    long unbroken = start + shape.unbrokenStart();
    long length = shape.unbrokenEnd() - shape.unbrokenStart();
    long room = blockSize - unbroken % blockSize;
    return length > room ? aligned(start + room) : start;
  }

  private void remember(long from, long to) {
    if (to - aligned(from) < Layout.SLOT) {
      return;
    }
    if (gaps.size() == MAX_GAPS) {
      gaps.remove();
    }
    gaps.add(new Gap(aligned(from), to));
  }

  private static long aligned(long offset) {
    return offset + Layout.SLOT - 1 & -Layout.SLOT;
  }
}
