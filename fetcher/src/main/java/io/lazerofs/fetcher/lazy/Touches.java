package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.CachedBlob;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The blocks of one blob that readers asked for, each noted when it is asked for the first time.
 *
 * <p>A bitmap tells a block that is noted already, so a warm read costs one look at it and makes no
 * object. It is read without a lock: a bit that a thread does not see yet is looked at again under
 * the lock, and none is ever taken back. Noting ends for good when the recorder's window is over or
 * one of its limits is reached; what was noted stays until the blob is closed.
 *
 * <p>Safe for use by many threads at once.
 */
final class Touches {
  private static final long[] ENDED = {};

  /** Notes nothing. */
  static final Touches NONE = new Touches();

  /** A run of blocks, and its place in the order of time of all blobs of the recorder. */
  record Entry(long order, long first, long end) {}

  private final TouchRecorder recorder;
  private final Runnable release;
  private final List<Entry> entries = new ArrayList<>();
  private volatile long[] noted;
  private volatile boolean begun;
  private volatile long deadline;
  private long blocks;

  private Touches() {
    this.recorder = new TouchRecorder(TouchRecorder.Limits.ofBytes(0), () -> 0);
    this.release = () -> {};
    this.noted = ENDED;
  }

  /**
   * @param size of the blob in bytes
   * @param release is told when a user of the blob closes it
   */
  Touches(TouchRecorder recorder, long size, Runnable release) {
    this.recorder = recorder;
    this.release = release;
    this.noted = new long[Math.toIntExact((blockEnd(size) + Long.SIZE - 1) / Long.SIZE)];
  }

  /** Takes note of a read of {@code length} bytes from {@code offset} on. */
  void add(long offset, long length) {
    long[] words = noted;
    if (words.length == 0 || length == 0) {
      return;
    }
    long first = offset / CachedBlob.BLOCK_BYTES;
    long end = blockEnd(offset + length);
    if (!areNoted(words, first, end)) {
      note(first, end);
    }
  }

  /** Tells whether reads are still noted, so that none may go past this. */
  boolean isOpen() {
    return noted.length > 0 && !(begun && isOver());
  }

  private boolean isOver() {
    return recorder.nanoTime() - deadline >= 0;
  }

  private synchronized void note(long first, long end) {
    long[] words = noted;
    if (words.length == 0) {
      return;
    }
    if (!begun) {
      // The window begins with the first read and not when the image was pulled, perhaps long ago.
      deadline = recorder.nanoTime() + recorder.limits().window().toNanos();
      begun = true;
    } else if (isOver()) {
      noted = ENDED;
      return;
    }
    for (long block = first; block < end; ) {
      long start = block;
      while (block < end && !isNoted(words, block)) {
        words[(int) (block >>> 6)] |= 1L << block;
        block++;
      }
      if (block > start) {
        append(start, block);
      }
      block = Math.max(block, start + 1);
    }
    if (entries.size() >= recorder.limits().ranges()
        || blocks * CachedBlob.BLOCK_BYTES >= recorder.limits().bytes()) {
      noted = ENDED;
    }
  }

  private void append(long first, long end) {
    blocks += end - first;
    Entry last = entries.isEmpty() ? null : entries.getLast();
    if (last != null && last.end == first && last.order == recorder.order()) {
      entries.set(entries.size() - 1, new Entry(last.order, last.first, end));
    } else {
      entries.add(new Entry(recorder.nextOrder(), first, end));
    }
  }

  /** Hands over what was noted by now. */
  synchronized void forEach(Consumer<Entry> consumer) {
    entries.forEach(consumer);
  }

  /** Says that a user of the blob needs no notes any more. */
  void release() {
    release.run();
  }

  private static boolean areNoted(long[] words, long first, long end) {
    for (long block = first; block < end; block++) {
      if (!isNoted(words, block)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isNoted(long[] words, long block) {
    return (words[(int) (block >>> 6)] & 1L << block) != 0;
  }

  private static long blockEnd(long offset) {
    return (offset + CachedBlob.BLOCK_BYTES - 1) / CachedBlob.BLOCK_BYTES;
  }
}
