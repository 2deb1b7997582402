package io.lazerofs.erofs;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Arrays for compressed bytes on their way to a decoder, kept for use again: at most as many as
 * there are processors, each of at most {@link PclusterRules#MAX_STORED} bytes. Nobody waits for
 * one. Safe for use by many threads.
 */
final class ScratchPool {
  private static final int SMALLEST = 64 << 10;

  private final BlockingQueue<byte[]> kept =
      new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());

  /** Returns an array of at least {@code length} bytes that is the caller's until {@link #give}. */
  byte[] take(int length) {
    byte[] array = kept.poll();
    if (array != null && array.length >= length) {
      return array;
    }
    return new byte[Math.max(SMALLEST, Integer.highestOneBit(2 * length - 1))];
  }

  /** Takes an array back; whatever it holds then may be overwritten. */
  void give(byte[] array) {
    kept.offer(array);
  }
}
