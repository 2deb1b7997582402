package io.lazerofs.it.dio;

/**
 * What became of a read.
 *
 * @param opened whether the file could be opened
 * @param result the number of bytes read, or the errno of the call that failed, negative
 */
record Answer(boolean opened, long result) {
  static final int EIO = 5;
  static final int EINVAL = 22;
  private static final int EOPNOTSUPP = 95;

  boolean failedWith(int errno) {
    return result == -errno;
  }

  /** Returns the kind of result that a call has had, in words. */
  String outcome(ReadCall call) {
    String errno =
        switch ((int) -result) {
          case EIO -> "EIO";
          case EINVAL -> "EINVAL";
          case EOPNOTSUPP -> "EOPNOTSUPP";
          default -> "errno " + -result;
        };
    if (result < 0) {
      return (opened ? "" : "open: ") + errno;
    }
    return result == 0 ? "nothing" : result == call.length() ? "all" : "short, end of file";
  }
}
