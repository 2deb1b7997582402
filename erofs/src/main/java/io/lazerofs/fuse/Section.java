package io.lazerofs.fuse;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A stretch of work that others can wait out: what RCU calls a read-side critical section.
 *
 * <p>One thread at a time enters and leaves it; any thread may look. Whoever takes something away
 * from those that enter does so first and then awaits the sections: one that was entered before may
 * have seen what was taken, and one that is entered afterwards does not see it.
 */
final class Section {
  /** Longs in two cache lines, which processors fetch together. */
  private static final int LINES = 16;

  private static final long POLL_NANOS = 200_000;

  /*
   * How often it was entered and left, so odd while someone is in it. It has its lines of cache to
   * itself: its writer writes it twice a request.
   */
  private final AtomicLongArray turns = new AtomicLongArray(2 * LINES);

  /** Begins; what is read from here on is not taken away until {@link #leave}. */
  void enter() {
    // Must be seen before anything is read that may be taken away, hence no weaker write will do.
    turns.set(LINES, turns.getPlain(LINES) + 1);
  }

  void leave() {
    turns.setRelease(LINES, turns.getPlain(LINES) + 1);
  }

  /** Whether someone is in it. */
  boolean isEntered() {
    return (turns.get(LINES) & 1) != 0;
  }

  /**
   * Waits until whoever is in it has left it once; an interrupt does not end the wait. It polls, so
   * that those who leave need not tell.
   */
  void awaitLeft() {
    long seen = turns.get(LINES);
    boolean interrupted = false;
    while ((seen & 1) != 0 && turns.get(LINES) == seen) {
      LockSupport.parkNanos(this, POLL_NANOS);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
