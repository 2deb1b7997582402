package io.lazerofs.fetcher.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy by which failed requests are made again: exponential back-off with jitter, a server's
 * {@code Retry-After} when it is longer, and a deadline. Only an {@link HttpException} that {@link
 * HttpException#isTransient} is retried; any other exception ends the attempts at once.
 *
 * <p>Safe for use by many threads at once.
 */
public final class Retry {
  private static final Logger LOG = LoggerFactory.getLogger(Retry.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(200);
  private static final Duration MAX_DELAY = Duration.ofSeconds(5);

  private final Duration deadline;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Sleeper sleeper;
  private final HttpCounters counters;

  Retry(
      Duration deadline,
      InstantSource clock,
      RandomGenerator random,
      Sleeper sleeper,
      HttpCounters counters) {
    this.deadline = deadline;
    this.clock = clock;
    this.random = random;
    this.sleeper = sleeper;
    this.counters = counters;
  }

  /** Something that is done again from its start when it fails. */
  @FunctionalInterface
  public interface Attempt<T> {
    T run() throws IOException;
  }

  /**
   * Returns what {@code attempt} returns once it succeeds.
   *
   * @throws IOException what the last attempt threw
   */
  public <T> T run(Attempt<T> attempt) throws IOException {
    Attempts attempts = begin();
    while (true) {
      try {
        return attempt.run();
      } catch (HttpException e) {
        attempts.failed(e);
      }
    }
  }

  /** Begins a series of attempts that ends at the deadline. */
  public Attempts begin() {
    return new Attempts();
  }

  /** One series of attempts; for one thread at a time. */
  public final class Attempts {
    private Instant end = clock.instant().plus(deadline);
    private Duration delay = FIRST_DELAY;

    private Attempts() {}

    /** Tells that an attempt got something done: the deadline and the back-off begin anew. */
    public void progressed() {
      end = clock.instant().plus(deadline);
      delay = FIRST_DELAY;
    }

    /**
     * Waits for the time of the next attempt.
     *
     * @throws HttpException {@code failure}, when there is to be none
     * @throws InterruptedIOException when the thread is interrupted, which it stays
     */
    public void failed(HttpException failure) throws HttpException, InterruptedIOException {
      Duration wait = max(jittered(delay), failure.retryAfter().orElse(Duration.ZERO));
      if (!failure.isTransient() || clock.instant().plus(wait).isAfter(end)) {
        throw failure;
      }
      delay = min(delay.multipliedBy(2), MAX_DELAY);
      counters.retries.increment();
      LOG.info("Trying again in {} ms: {}", wait.toMillis(), failure.getMessage());
      try {
        sleeper.sleep(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (InterruptedIOException)
            new InterruptedIOException("interrupted between two attempts").initCause(failure);
      }
    }
  }

  /** Returns between half of {@code delay} and all of it, so that clients drift apart. */
  private Duration jittered(Duration delay) {
    long half = delay.toNanos() / 2;
    return Duration.ofNanos(half + random.nextLong(half + 1));
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
