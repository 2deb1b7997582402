package io.lazerofs.layers;

import io.lazerofs.dio.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of one file that were used last, in bounded memory. Safe for use by many threads,
 * and no lock is taken: mappings never change, so a slot that two threads write has one of two
 * right answers.
 *
 * <pre>{@code
 * file    │ stretch 0 │ stretch 1 │ stretch 2 │ stretch 3 │ …
 * slots   │ set 0     │ set 1     │ set 0     │ set 1     │     a set has up to 8 slots
 * }</pre>
 *
 * <p>A mapping that reaches over several stretches is kept once for each of them in which it was
 * asked for.
 */
final class KeptMappings {
  /** How many are kept of a file at most: about {@link #MOST_BYTES} when all slots are in use. */
  static final int MOST = 256;

  /** What {@link #MOST} mappings take, bytes: 40 for each, and 4 for its slot. */
  static final int MOST_BYTES = 12 << 10;

  private static final int SLOTS_IN_SET = 8;

  private final @Nullable Mapping[] slots;
  private final int slotsInSet;
  private final int stretchBits;

  private KeptMappings(int slots, int slotsInSet, int stretchBits) {
    this.slots = new Mapping[slots];
    this.slotsInSet = slotsInSet;
    this.stretchBits = stretchBits;
  }

  /** Returns an empty one for a file that has no more than so many mappings. */
  static KeptMappings ofFew(int mappings) {
    return new KeptMappings(mappings, mappings, Long.SIZE - 1);
  }

  /**
   * Returns an empty one for a file of any number of mappings.
   *
   * @param mappings how many the file has at most
   * @param stretchBits binary logarithm of a stretch that often is one mapping, bytes
   */
  static KeptMappings ofMany(long mappings, int stretchBits) {
    int wanted = (int) Math.clamp(mappings, 1, MOST);
    int slots = Integer.highestOneBit(2 * wanted - 1);
    return new KeptMappings(slots, Math.min(slots, SLOTS_IN_SET), stretchBits);
  }

  /** Returns the mapping that holds a byte, or null when it is not kept. */
  @Nullable Mapping holding(long offset) {
    int set = set(offset);
    for (int i = set; i < set + slotsInSet; i++) {
      Mapping mapping = slots[i];
      if (mapping != null) {
        long before = offset - mapping.offset();
        if (before >= 0 && before < mapping.length()) {
          return mapping;
        }
      }
    }
    return null;
  }

  /**
   * Keeps a mapping, in place of another one when there is no room.
   *
   * @param offset the byte that it was asked for by
   */
  void keep(Mapping mapping, long offset) {
    int set = set(offset);
    for (int i = set; i < set + slotsInSet; i++) {
      if (slots[i] == null) {
        slots[i] = mapping;
        return;
      }
    }
    // Neighbours go to different slots, however long the stretch is.
    int slot = (int) (mapping.offset() * MIX >>> Integer.SIZE) & slotsInSet - 1;
    slots[set + slot] = mapping;
  }

  /** 2^64 divided by the golden ratio: spreads the bits of what is multiplied by it. */
  private static final long MIX = 0x9e3779b97f4a7c15L;

  private int set(long offset) {
    return (int) (offset >>> stretchBits) & slots.length / slotsInSet - 1;
  }

  /** Returns what this takes at most, bytes. */
  int mostBytes() {
    return slots.length * MOST_BYTES / MOST;
  }
}
