package io.lazerofs.it.dio;

/**
 * The differences from the kernel's EROFS on a loop device that are meant to be, each with its
 * reason. In all of them our answer is what the kernel's page cache gives for the same range.
 */
enum KnownDifference {
  /** open(2) of a compressed file with O_DIRECT. */
  COMPRESSED_OPEN(
      "the kernel refuses to open a compressed file with O_DIRECT; here it is decoded") {
    @Override
    boolean explains(ReadCall call, Answer kernel) {
      return call.direct()
          && call.file().compressed()
          && !kernel.opened()
          && kernel.failedWith(Answer.EINVAL);
    }
  },

  /** A direct read into memory that does not fit the device's sectors, at an offset that does. */
  MEMORY_ALIGNMENT(
      "the kernel wants memory aligned to the device's sectors; a FUSE server sees none of it") {
    @Override
    boolean explains(ReadCall call, Answer kernel) {
      return call.direct()
          && call.misalignedInMemory()
          && !call.misaligned()
          && kernel.opened()
          && kernel.failedWith(Answer.EINVAL);
    }
  };

  private final String reason;

  KnownDifference(String reason) {
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  /**
   * Whether this is why the kernel fails a call that succeeds here.
   *
   * @param kernel its answer
   */
  abstract boolean explains(ReadCall call, Answer kernel);
}
