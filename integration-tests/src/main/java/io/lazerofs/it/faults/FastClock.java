package io.lazerofs.it.faults;

import io.lazerofs.fetcher.http.Sleeper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that runs faster than time does, and waits by itself: a deadline of a minute passes in
 * seconds, with as many attempts before it. Safe for use by many threads.
 */
final class FastClock implements InstantSource, Sleeper {
  private final int factor;
  private final long startNanos = System.nanoTime();

  /**
   * @param factor how many of its seconds pass in one
   */
  FastClock(int factor) {
    this.factor = factor;
  }

  @Override
  public Instant instant() {
    return Instant.EPOCH.plusNanos((System.nanoTime() - startNanos) * factor);
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    Thread.sleep(duration.dividedBy(factor));
  }
}
