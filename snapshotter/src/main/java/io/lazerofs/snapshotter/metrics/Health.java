package io.lazerofs.snapshotter.metrics;

import io.lazerofs.snapshotter.mount.MountProbe;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether a daemon lives, and whether it is ready for calls. Safe for use by many threads; asking
 * takes at most {@link #PATIENCE}.
 */
public final class Health {
  /** A mount that takes longer to answer a question about nothing hangs. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private volatile Optional<MountProbe> probe = Optional.empty();
  private volatile boolean ready;

  /** What is known at a time. */
  public enum State {
    /** The mount answers, and calls on the socket are served. */
    READY,
    /** The daemon starts: it has no mount yet, or has not begun to recover its layers. */
    STARTING,
    /** There is a mount, and it does not answer. */
    HUNG
  }

  /** Says that there is a mount, and what asks it. */
  public void mounted(MountProbe asks) {
    probe = Optional.of(asks);
  }

  /** Says that the socket is served, and that recovery has begun. */
  public void ready() {
    ready = true;
  }

  /** Finds out; an interrupted caller is told {@link State#HUNG} and stays interrupted. */
  public State state() {
    Optional<MountProbe> asked = probe;
    if (asked.isPresent() && !asked.get().answers(PATIENCE)) {
      return State.HUNG;
    }
    return ready && asked.isPresent() ? State.READY : State.STARTING;
  }
}
