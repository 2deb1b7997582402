package io.lazerofs.source;

import java.io.IOException;

/** The loop of a caller that waits: does something, and again after each absent range came in. */
public final class Waiting {

  /** Something that reads byte sources and may be done again from its start. */
  @FunctionalInterface
  public interface Reading<T> {
    T read() throws IOException;
  }

  private Waiting() {}

  /**
   * Returns what {@code reading} returns once every byte that it needs is present.
   *
   * @throws IOException what {@code reading} or a fill throws; never an {@link AbsentException}
   */
  public static <T> T on(Reading<T> reading) throws IOException {
    while (true) {
      try {
        return reading.read();
      } catch (AbsentException absent) {
        absent.await();
      }
    }
  }
}
