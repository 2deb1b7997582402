package io.lazerofs.it.survive;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A thread that does the same over and over, until it is told to end or something is wrong. */
final class SteadyReader {
  private final String name;
  private final Thread thread;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong longestNanos = new AtomicLong();
  private volatile boolean ending;
  private volatile Optional<Throwable> failure = Optional.empty();

  /** What is done each time; throws when it met an errno, or other bytes than there should be. */
  @FunctionalInterface
  interface Reading {
    void once() throws Exception;
  }

  private SteadyReader(String name, Reading reading) {
    this.name = name;
    this.thread = Thread.ofPlatform().daemon().name("reader-" + name).unstarted(() -> run(reading));
  }

  /** Starts a reader. */
  static SteadyReader start(String name, Reading reading) {
    SteadyReader reader = new SteadyReader(name, reading);
    reader.thread.start();
    return reader;
  }

  private void run(Reading reading) {
    try {
      while (!ending) {
        long begin = System.nanoTime();
        reading.once();
        longestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
        done.incrementAndGet();
      }
    } catch (Throwable t) {
      failure = Optional.of(t);
    }
  }

  /** How often it has read. */
  long done() {
    return done.get();
  }

  /** Returns how long the longest reading took since the last call, in nanoseconds. */
  long takeLongest() {
    return longestNanos.getAndSet(0);
  }

  /** Fails if something was wrong. */
  void check() {
    failure.ifPresent(cause -> {
      throw new AssertionError("reader " + name + " failed", cause);
    });
  }

  /** Ends after what is being read; fails if that takes too long. */
  void end(long withinMillis) throws InterruptedException {
    ending = true;
    thread.join(withinMillis);
    check();
    if (thread.isAlive()) {
      throw new AssertionError("reader " + name + " still waits");
    }
  }
}
