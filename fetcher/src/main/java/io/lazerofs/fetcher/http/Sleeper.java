package io.lazerofs.fetcher.http;

import java.time.Duration;

/** Waits: {@code Thread::sleep} outside of tests. */
@FunctionalInterface
public interface Sleeper {
  void sleep(Duration duration) throws InterruptedException;
}
