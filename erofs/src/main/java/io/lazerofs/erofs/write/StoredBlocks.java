package io.lazerofs.erofs.write;

import java.util.OptionalLong;

/**
 * Where in the image the content of each hash lies: a hash table with open addressing, 24 bytes a
 * slot of which at most half are used. At 64 KiB an entry, 5 GiB of content need 4 to 8 MiB. Not
 * safe for use by several threads.
 */
final class StoredBlocks {
  private static final int FIELDS = 3;
  private static final int INITIAL_SLOTS = 1 << 10;

  /** For each slot the hash and the value plus one, or 0 when it is free. */
  private long[] slots = new long[INITIAL_SLOTS * FIELDS];

  private int used;

  /** Returns what was put for a hash. */
  OptionalLong get(ContentHash hash) {
    int slot = slot(slots, hash.high(), hash.low());
    return slots[slot + 2] == 0 ? OptionalLong.empty() : OptionalLong.of(slots[slot + 2] - 1);
  }

  /**
   * Puts the value of a hash that has none.
   *
   * @param value not negative
   */
  void put(ContentHash hash, long value) {
    if (used * 2L >= slots.length / FIELDS) {
      grow();
    }
    set(slots, hash.high(), hash.low(), value + 1);
    used++;
  }

  private void grow() {
    long[] larger = new long[Math.multiplyExact(slots.length, 2)];
    for (int slot = 0; slot < slots.length; slot += FIELDS) {
      if (slots[slot + 2] != 0) {
        set(larger, slots[slot], slots[slot + 1], slots[slot + 2]);
      }
    }
    slots = larger;
  }

  private static void set(long[] slots, long high, long low, long value) {
    int slot = slot(slots, high, low);
    slots[slot] = high;
    slots[slot + 1] = low;
    slots[slot + 2] = value;
  }

  /** Returns the slot that holds a hash, or the free one where it belongs. */
  private static int slot(long[] slots, long high, long low) {
    int count = slots.length / FIELDS;
    int slot = (int) Long.remainderUnsigned(high, count) * FIELDS;
    while (slots[slot + 2] != 0 && (slots[slot] != high || slots[slot + 1] != low)) {
      slot = slot + FIELDS < slots.length ? slot + FIELDS : 0;
    }
    return slot;
  }
}
