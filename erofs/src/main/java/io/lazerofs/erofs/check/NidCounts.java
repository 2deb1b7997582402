package io.lazerofs.erofs.check;

import java.io.IOException;
import java.util.Arrays;

/**
 * A count for each of many nids: a hash table of two arrays, 12 bytes for a place, half of the
 * places free or more.
 */
final class NidCounts {

  /** No nid of an inode: its byte offset would not fit 63 bits. */
  private static final long FREE = 1L << 62;

  private static final int FIRST_BITS = 10;
  private static final int MAX_BITS = 30;
  private static final long GOLDEN_RATIO = 0x9e37_79b9_7f4a_7c15L;

  private int bits = FIRST_BITS;
  private long[] nids = free(bits);
  private int[] counts = new int[1 << bits];
  private int size;

  /** Takes a nid and its count. */
  @FunctionalInterface
  interface Visitor {
    void visit(long nid, int count) throws IOException;
  }

  /** Adds a nid with a count, unless it is there already; returns whether it was not. */
  boolean add(long nid, int count) {
    int place = place(nid);
    if (nids[place] == nid) {
      return false;
    }
    nids[place] = nid;
    counts[place] = count;
    size++;
    if (size > nids.length / 2) {
      grow();
    }
    return true;
  }

  /** Lowers the count of a nid that was added, by 1. */
  void decrement(long nid) {
    counts[place(nid)]--;
  }

  /** Returns the number of nids that were added. */
  int size() {
    return size;
  }

  /** Visits all nids, in no order. */
  void forEach(Visitor visitor) throws IOException {
    for (int i = 0; i < nids.length; i++) {
      if (nids[i] != FREE) {
        visitor.visit(nids[i], counts[i]);
      }
    }
  }

  /** Returns where a nid is, or the free place where it belongs. */
  private int place(long nid) {
    int place = (int) (nid * GOLDEN_RATIO >>> (Long.SIZE - bits));
    while (nids[place] != nid && nids[place] != FREE) {
      place = (place + 1) & (nids.length - 1);
    }
    return place;
  }

  private void grow() {
    if (bits == MAX_BITS) {
      throw new IllegalStateException("more than " + size + " inodes");
    }
    long[] oldNids = nids;
    int[] oldCounts = counts;
    bits++;
    nids = free(bits);
    counts = new int[1 << bits];
    for (int i = 0; i < oldNids.length; i++) {
      if (oldNids[i] != FREE) {
        int place = place(oldNids[i]);
        nids[place] = oldNids[i];
        counts[place] = oldCounts[i];
      }
    }
  }

  private static long[] free(int bits) {
    long[] places = new long[1 << bits];
    Arrays.fill(places, FREE);
    return places;
  }
}
