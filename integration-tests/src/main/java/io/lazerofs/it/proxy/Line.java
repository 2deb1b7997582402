package io.lazerofs.it.proxy;

import java.time.Duration;

/**
 * A network line: how long each request waits, and how many bytes a second all answers share.
 *
 * @param delay added to each request
 * @param bytesPerSecond the rate of all bodies together; {@link Long#MAX_VALUE} for no limit
 */
public record Line(Duration delay, long bytesPerSecond) {
  /** Adds nothing and limits nothing. */
  public static final Line CLEAR = new Line(Duration.ZERO, Long.MAX_VALUE);

  /**
   * @throws IllegalArgumentException for a negative delay or a rate below one
   */
  public Line {
    if (delay.isNegative() || bytesPerSecond < 1) {
      throw new IllegalArgumentException("a line needs a delay >= 0 and a rate >= 1 byte/s");
    }
  }
}
