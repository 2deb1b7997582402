package io.lazerofs.it.conformance;

/** A seed for which the kernel, the tree and our own code do not all say the same. */
public final class Disagreement extends Exception {
  private static final long serialVersionUID = 1L;

  Disagreement(String message) {
    super(message);
  }

  Disagreement(String message, Throwable cause) {
    super(message, cause);
  }
}
