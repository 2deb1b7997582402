package io.lazerofs.erofs.codec;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Keeps decoder states that own native memory for use again, at most as many as there are
 * processors. Nobody waits: when none is kept another is made, and what comes back to a full pool
 * is freed at once. Safe for use by many threads.
 */
final class Pool<S> {
  private final BlockingQueue<S> kept =
      new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());
  private final Supplier<S> maker;
  private final Consumer<S> freer;

  /**
   * @param maker makes a state
   * @param freer frees the native memory of one
   */
  Pool(Supplier<S> maker, Consumer<S> freer) {
    this.maker = maker;
    this.freer = freer;
  }

  /** Returns a state that is the caller's until {@link #give}. */
  S take() {
    S state = kept.poll();
    return state != null ? state : maker.get();
  }

  /** Takes back a state, ready for another use. */
  void give(S state) {
    if (!kept.offer(state)) {
      freer.accept(state);
    }
  }
}
