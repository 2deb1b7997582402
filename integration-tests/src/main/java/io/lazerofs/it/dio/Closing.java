package io.lazerofs.it.dio;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Steps back, taken in the reverse order of the steps; each is tried, whatever the others do. */
public final class Closing implements AutoCloseable {
  private final Deque<Step> steps = new ArrayDeque<>();

  /** Takes one step back. */
  @FunctionalInterface
  public interface Step {
    void take() throws IOException, InterruptedException;
  }

  public void add(Step step) {
    steps.push(step);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    IOException failure = null;
    while (!steps.isEmpty()) {
      try {
        steps.pop().take();
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
