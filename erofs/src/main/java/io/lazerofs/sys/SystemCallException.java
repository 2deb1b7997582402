package io.lazerofs.sys;

import java.io.IOException;

/** Says which system call failed, on what, and with which errno. */
public final class SystemCallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  SystemCallException(String call, String subject, int errno) {
    super(call + " " + subject + ": " + LibC.describe(errno) + " (errno " + errno + ")");
    this.errno = errno;
  }

  /** Returns the errno, a positive number. */
  public int errno() {
    return errno;
  }
}
