package io.lazerofs.snapshotter.store;

/** A point of a change at which a crash leaves something that the next start has to know of. */
public enum CrashPoint {
  /** A transaction has made its changes and does not hold yet. */
  CHANGED,
  /** A transaction holds. */
  COMMITTED,
  /** A snapshot, not on record yet, has a directory without all that belongs in it. */
  DIRECTORY_MADE,
  /** There is a place for a directory that has to go, and nothing in it yet. */
  RETIRE_BEGUN,
  /** A directory has lost its number and still has its files. */
  RETIRED;

  /** Is told of each point when a thread comes to it; a test ends the process there. */
  @FunctionalInterface
  public interface Hook {
    /** Does nothing. */
    Hook NONE = _ -> {};

    void reached(CrashPoint point);
  }
}
