package io.lazerofs.it.tree;

import java.io.IOException;

/** A system call that failed. */
public final class SystemCallFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  SystemCallFailure(String call, int errno) {
    super(call + ": errno " + errno);
    this.errno = errno;
  }

  /** Returns the error number of errno(3). */
  public int errno() {
    return errno;
  }
}
