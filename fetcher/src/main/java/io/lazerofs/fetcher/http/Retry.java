package io.lazerofs.fetcher.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
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

    /** Returns whether the deadline is over, so that an attempt is the last. */
    public boolean isLast() {
      return !clock.instant().isBefore(end);
    }

    /** Counts an attempt that is made after another failed. */
    public void retried() {
      counters.retries.increment();
    }

    /**
     * Waits until several sources, which all failed, are asked again; at the deadline they are for
     * the last time, however long one asks to be left alone.
     *
     * @param problem what the log says of the failures, in one line
     * @param notBefore when the first of them wants to be asked, if they said
     * @return false when the deadline is over, without waiting
     * @throws InterruptedIOException when the thread is interrupted, which it stays
     */
    public boolean pause(String problem, Optional<Instant> notBefore)
        throws InterruptedIOException {
      Instant now = clock.instant();
      if (!now.isBefore(end)) {
        return false;
      }
      Duration asked = notBefore.map(time -> Duration.between(now, time)).orElse(Duration.ZERO);
      wait(min(max(jittered(delay), asked), Duration.between(now, end)), problem);
      return true;
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
      counters.retries.increment();
      wait(wait, failure.getMessage());
    }

    private void wait(Duration wait, String problem) throws InterruptedIOException {
      delay = min(delay.multipliedBy(2), MAX_DELAY);
      LOG.info("Trying again in {} ms: {}", wait.toMillis(), problem);
      try {
        sleeper.sleep(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (InterruptedIOException)
            new InterruptedIOException("interrupted between two attempts: " + problem).initCause(e);
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
