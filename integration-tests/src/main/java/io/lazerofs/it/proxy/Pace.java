package io.lazerofs.it.proxy;

import java.math.BigInteger;

/**
 * The schedule of a shared line: gives each run of bytes its turn after the runs before it.
 *
 * <p>Safe for use by many threads. It does not wait itself: the caller does, for the time that
 * {@link #reserve} returns.
 */
final class Pace {
  private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

  private final long bytesPerSecond;
  private long freeAtNanos;
  private boolean used;

  Pace(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /**
   * Takes the next turn for {@code bytes} bytes.
   *
   * @param nowNanos the time now, as {@link System#nanoTime} counts
   * @return nanoseconds from now until the last of these bytes has passed the line
   */
  synchronized long reserve(int bytes, long nowNanos) {
    if (bytesPerSecond == Long.MAX_VALUE) {
      return 0;
    }
    if (!used || freeAtNanos - nowNanos < 0) {
      used = true;
      freeAtNanos = nowNanos;
    }
    freeAtNanos += nanosFor(bytes);
    return freeAtNanos - nowNanos;
  }

  private long nanosFor(int bytes) {
    return BigInteger.valueOf(bytes)
        .multiply(NANOS_PER_SECOND)
        .divide(BigInteger.valueOf(bytesPerSecond))
        .longValueExact();
  }
}
