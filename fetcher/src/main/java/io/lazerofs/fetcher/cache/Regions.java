package io.lazerofs.fetcher.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Which parts of a blob were read of late, and which of them nobody needs: the second-chance
 * approximation of "least recently used" (CLOCK).
 *
 * <p>A region of {@link #BYTES} has one bit, which a read sets and a passing hand clears; a hand
 * that finds it clear takes the region. A read of a region whose bit is set costs one load and
 * makes no object. Safe for use by many threads, but for {@link #cold}, which one calls at a time.
 */
final class Regions {
  /** What is evicted at a time: a request of the default policy fills four. */
  static final int BYTES = 1 << 20;

  private static final int BLOCKS = BYTES / PresenceMap.BLOCK_BYTES;
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private final int count;
  private final long[] used;
  private final ConcurrentMap<Pin, Boolean> pins = new ConcurrentHashMap<>();
  private int hand;

  /**
   * Blocks of a blob.
   *
   * @param end one more than the last
   */
  record BlockRange(long first, long end) {}

  /** Keeps a range of bytes from being taken until it is closed; two are never equal. */
  @SuppressWarnings("ClassCanBeRecord") // equality is identity
  final class Pin implements AutoCloseable {
    private final long start;
    private final long end;

    private Pin(long start, long end) {
      this.start = start;
      this.end = end;
    }

    @Override
    public void close() {
      pins.remove(this);
    }
  }

  /** Makes the regions of a blob of {@code size} bytes, none of them used. */
  Regions(long size) {
    this.count = Math.toIntExact((size + BYTES - 1) / BYTES);
    this.used = new long[(count + Long.SIZE - 1) / Long.SIZE];
  }

  /** Takes note that {@code [offset, offset + length)} is used now. */
  void touch(long offset, long length) {
    int end = (int) ((offset + length + BYTES - 1) / BYTES);
    for (int region = (int) (offset / BYTES); region < end; region++) {
      long bit = 1L << region;
      if (((long) WORDS.getOpaque(used, region >>> 6) & bit) == 0) {
        WORDS.getAndBitwiseOr(used, region >>> 6, bit);
      }
    }
  }

  /** Keeps {@code [offset, offset + length)} from being taken until the pin is closed. */
  Pin pin(long offset, long length) {
    Pin pin = new Pin(offset, offset + length);
    pins.put(pin, true);
    return pin;
  }

  /**
   * Goes around once at most and returns regions that have present blocks, were not used since the
   * last turn and are not pinned, until they have {@code wantedBytes} of them.
   */
  List<BlockRange> cold(PresenceMap map, long wantedBytes) {
    List<BlockRange> cold = new ArrayList<>();
    long bytes = 0;
    for (int step = 0; step < count && bytes < wantedBytes; step++) {
      int region = hand;
      hand = (hand + 1) % count;
      long first = (long) region * BLOCKS;
      long end = Math.min(map.blocks(), first + BLOCKS);
      if (map.nextPresent(first, end) < end && !forgetUse(region) && !isPinned(region)) {
        cold.add(new BlockRange(first, end));
        bytes += BYTES;
      }
    }
    return cold;
  }

  /** Clears the bit of a region; returns what it was. */
  private boolean forgetUse(int region) {
    long bit = 1L << region;
    return ((long) WORDS.getAndBitwiseAnd(used, region >>> 6, ~bit) & bit) != 0;
  }

  private boolean isPinned(int region) {
    long start = (long) region * BYTES;
    return pins.keySet().stream().anyMatch(pin -> pin.start < start + BYTES && pin.end > start);
  }
}
