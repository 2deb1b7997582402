package io.lazerofs.fetcher.cache;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/**
 * Blocks that came and have no place on the disk, in bounded memory: from here the reads that wait
 * for them are answered. The oldest goes when there is no more room. Safe for use by many threads;
 * all of it takes a lock, but for {@link #isEmpty}.
 */
final class HeldBlocks {
  /** What is held at most, bytes: 128 units of the default policy, or 16 of the longest reads. */
  static final int MOST_BYTES = 16 << 20;

  /**
   * What readers may wait for at once, bytes. Half of what is held: what came for one of them is
   * still there after as much again came for others, so a reader that is woken finds its bytes.
   */
  static final int AWAITED_BYTES = MOST_BYTES / 2;

  /** A block of a blob; blobs are compared by identity. */
  private record Key(CachedBlob blob, long block) {}

  /**
   * How many {@linkplain #tick ticks} a block is held, whoever waits for it: what is held longer
   * would be read from here although the disk takes it again.
   */
  private static final int TICKS = 10;

  /** Bytes of a block, and when they came. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Held(byte[] bytes, long tick) {}

  /** In the order in which they came. */
  private final Map<Key, Held> blocks = new LinkedHashMap<>();

  private final Semaphore awaited = new Semaphore(AWAITED_BYTES, true);
  private final LongAdder passedBytes = new LongAdder();
  private long heldBytes;
  private long ticks;
  private volatile boolean empty = true;

  /** Takes whole blocks, the last of a blob may be shorter; {@code bytes} stays as it is. */
  synchronized void hold(CachedBlob blob, long firstBlock, ByteBuffer bytes) {
    passedBytes.add(bytes.remaining());
    long block = firstBlock;
    for (int at = bytes.position(); at < bytes.limit(); at += PresenceMap.BLOCK_BYTES) {
      byte[] copy = new byte[Math.min(PresenceMap.BLOCK_BYTES, bytes.limit() - at)];
      bytes.get(at, copy);
      Key key = new Key(blob, block++);
      Held old = blocks.remove(key);
      blocks.put(key, new Held(copy, ticks));
      heldBytes += copy.length - (old == null ? 0 : old.bytes.length);
    }
    dropOldest();
  }

  /** Takes note that time went by, and drops what is held for too long. */
  synchronized void tick() {
    ticks++;
    dropOldest();
  }

  private void dropOldest() {
    Iterator<Held> oldest = blocks.values().iterator();
    while (oldest.hasNext()) {
      Held held = oldest.next();
      if (heldBytes <= MOST_BYTES && held.tick + TICKS > ticks) {
        break;
      }
      heldBytes -= held.bytes.length;
      oldest.remove();
    }
    empty = blocks.isEmpty();
  }

  /** Tells whether nothing is held, of any blob; costs one load. */
  boolean isEmpty() {
    return empty;
  }

  synchronized boolean holds(CachedBlob blob, long block) {
    return blocks.containsKey(new Key(blob, block));
  }

  /**
   * Copies bytes of a block.
   *
   * @param skip the first byte wanted of the block
   * @return false when the block is not held
   */
  synchronized boolean copy(
      CachedBlob blob, long block, int skip, MemorySegment destination, long at, int length) {
    Held held = blocks.get(new Key(blob, block));
    if (held == null) {
      return false;
    }
    MemorySegment.copy(held.bytes, skip, destination, ValueLayout.JAVA_BYTE, at, length);
    return true;
  }

  /** Drops what is held of a blob. */
  synchronized void forget(CachedBlob blob) {
    blocks
        .entrySet()
        .removeIf(entry -> {
          boolean gone = entry.getKey().blob.equals(blob);
          heldBytes -= gone ? entry.getValue().bytes.length : 0;
          return gone;
        });
    empty = blocks.isEmpty();
  }

  /**
   * Waits until no more than {@link #AWAITED_BYTES} are waited for, {@code length} included.
   *
   * @param length at most {@link #AWAITED_BYTES}; given back with {@link #arrived}
   */
  void await(int length) throws InterruptedException {
    if (length > 0) {
      awaited.acquire(length);
    }
  }

  void arrived(int length) {
    awaited.release(length);
  }

  /** Returns how many bytes were ever held. */
  long passedBytes() {
    return passedBytes.sum();
  }
}
