package io.lazerofs.it.faults;

import io.lazerofs.fetcher.http.Sleeper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that runs faster than time does while somebody waits on it: a deadline of a minute passes
 * in seconds, with as many attempts before it. What takes its time without waiting, on a busy
 * machine, takes no more of it here. Safe for use by many threads.
 */
final class FastClock implements InstantSource, Sleeper {
  private final int factor;
  private int sleepers;
  private Instant then = Instant.EPOCH;
  private long thenNanos = System.nanoTime();

  /**
   * @param factor how many of its seconds pass in one while somebody waits
   */
  FastClock(int factor) {
    this.factor = factor;
  }

  @Override
  public synchronized Instant instant() {
    long now = System.nanoTime();
    then = then.plusNanos((now - thenNanos) * (sleepers > 0 ? factor : 1));
    thenNanos = now;
    return then;
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    addSleepers(1);
    try {
      Thread.sleep(duration.dividedBy(factor));
    } finally {
      addSleepers(-1);
    }
  }

  private synchronized void addSleepers(int change) {
    var _ = instant(); // the time until now passed at the speed until now
    sleepers += change;
  }
}
