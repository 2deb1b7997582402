package io.lazerofs.fetcher.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which blocks of a blob are present: a bitmap in memory, one bit for each {@link #BLOCK_BYTES},
 * read without a lock.
 *
 * <p>Bits are set with release and read with acquire semantics: who sees a block present also sees
 * its bytes in the data file, where they were written before. The map is divided into sectors of
 * {@link #SECTOR_BLOCKS} blocks, the unit in which a {@link PresenceFile} keeps it, and remembers
 * which sectors changed since they were last taken to be written.
 */
final class PresenceMap {
  /** The unit of presence: EROFS's block and the data block of a dm-verity tree. */
  static final int BLOCK_BYTES = 4096;

  /** A disk sector of 512 bytes takes 63 words and their checksum. */
  static final int SECTOR_WORDS = 63;

  static final int SECTOR_BLOCKS = SECTOR_WORDS * Long.SIZE;

  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long blocks;
  private final long[] words;
  private final AtomicLong presentBlocks = new AtomicLong();
  private final Set<Integer> changedSectors = ConcurrentHashMap.newKeySet();
  private final AtomicLong clearings = new AtomicLong();

  /** Makes a map of {@code blocks} blocks, none of them present. */
  PresenceMap(long blocks) {
    this.blocks = blocks;
    this.words = new long[Math.toIntExact((blocks + Long.SIZE - 1) / Long.SIZE)];
  }

  int sectors() {
    return (words.length + SECTOR_WORDS - 1) / SECTOR_WORDS;
  }

  long blocks() {
    return blocks;
  }

  long presentBlocks() {
    return presentBlocks.get();
  }

  boolean isComplete() {
    return presentBlocks.get() == blocks;
  }

  /** Tells whether all of {@code [first, end)} is present. */
  boolean isPresent(long first, long end) {
    return nextAbsent(first, end) == end;
  }

  /** Returns the first absent block of {@code [from, end)}, or {@code end}. */
  long nextAbsent(long from, long end) {
    return next(from, end, -1L);
  }

  /** Returns the first present block of {@code [from, end)}, or {@code end}. */
  long nextPresent(long from, long end) {
    return next(from, end, 0L);
  }

  /** Finds a set bit in the words as they are xor {@code flip}. */
  private long next(long from, long end, long flip) {
    long block = from;
    while (block < end) {
      long found = ((long) WORDS.getAcquire(words, wordOf(block)) ^ flip) & (-1L << block);
      if (found != 0) {
        return Math.min(end, (block & -Long.SIZE) + Long.numberOfTrailingZeros(found));
      }
      block = (block & -Long.SIZE) + Long.SIZE;
    }
    return end;
  }

  /** Returns one more than the last absent block of {@code [first, end)}, or {@code first}. */
  long endOfAbsent(long first, long end) {
    long last = end;
    while (last > first && isPresent(last - 1, last)) {
      last--;
    }
    return last;
  }

  /** Marks {@code [first, end)} present; the bytes are in the data file already. */
  void mark(long first, long end) {
    for (long block = first; block < end; block = (block & -Long.SIZE) + Long.SIZE) {
      set(wordOf(block), bits(block, end));
    }
  }

  /** Returns the bits of {@code [block, end)} in the word of {@code block}. */
  private static long bits(long block, long end) {
    long bits = -1L << block;
    return end - (block & -Long.SIZE) < Long.SIZE ? bits & ((1L << end) - 1) : bits;
  }

  private void set(int word, long bits) {
    long before = (long) WORDS.getAndBitwiseOrRelease(words, word, bits);
    changedSectors.add(word / SECTOR_WORDS);
    presentBlocks.addAndGet(Long.bitCount(bits & ~before));
  }

  /** Marks every block absent. */
  void clear() {
    clear(0, blocks);
  }

  /** Marks {@code [first, end)} absent, and then counts that in {@link #clearings}. */
  void clear(long first, long end) {
    for (long block = first; block < end; block = (block & -Long.SIZE) + Long.SIZE) {
      int word = wordOf(block);
      long bits = bits(block, end);
      long before = (long) WORDS.getAndBitwiseAnd(words, word, ~bits);
      if ((before & bits) != 0) {
        presentBlocks.addAndGet(-Long.bitCount(before & bits));
        changedSectors.add(word / SECTOR_WORDS);
      }
    }
    clearings.incrementAndGet();
  }

  /**
   * Returns how often blocks were marked absent. Who reads this before a block is seen present, and
   * the same again after the block's bytes are read, has read them while they were present.
   */
  long clearings() {
    return clearings.get();
  }

  /** Returns the sectors that changed since they were last taken. */
  List<Integer> takeChanged() {
    List<Integer> taken = new ArrayList<>();
    changedSectors.removeIf(taken::add);
    return taken;
  }

  /** Puts sectors back that were taken and could not be written. */
  void putBack(Collection<Integer> sectors) {
    changedSectors.addAll(sectors);
  }

  /** Adds the bits of a sector to those that {@code target} has, from its start on. */
  void store(int sector, ByteBuffer target) {
    int end = Math.min(SECTOR_WORDS, words.length - sector * SECTOR_WORDS);
    for (int i = 0; i < end; i++) {
      long bits = (long) WORDS.getAcquire(words, sector * SECTOR_WORDS + i);
      target.putLong(i * Long.BYTES, target.getLong(i * Long.BYTES) | bits);
    }
  }

  /** Takes the words of a sector from {@code source}; bits after the map's end are ignored. */
  void load(int sector, ByteBuffer source) {
    for (int i = 0; i < SECTOR_WORDS; i++) {
      int word = sector * SECTOR_WORDS + i;
      long bits = source.getLong();
      if (word < words.length) {
        long inWord = Math.min(Long.SIZE, blocks - (long) word * Long.SIZE);
        set(word, inWord == Long.SIZE ? bits : bits & ((1L << inWord) - 1));
      }
    }
    changedSectors.remove(sector);
  }

  private static int wordOf(long block) {
    return (int) (block >>> 6);
  }
}
