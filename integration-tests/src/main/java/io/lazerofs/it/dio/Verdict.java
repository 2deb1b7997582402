package io.lazerofs.it.dio;

/** What comes of holding our answer against the kernel's. */
sealed interface Verdict {

  /** Both are the same: result, errno and bytes. */
  record Same(Answer both) implements Verdict {}

  /** They differ as they are meant to. */
  record Known(KnownDifference difference) implements Verdict {}

  /**
   * They differ.
   *
   * @param rightSoFar whether ours is shorter, but right as far as it goes
   * @param text what is wrong
   */
  record Wrong(Answer kernel, Answer ours, boolean rightSoFar, String text) implements Verdict {}
}
