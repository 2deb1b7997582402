package io.lazerofs.dio;

import java.io.IOException;

/** Says that a direct read does not fit the blocks of the device that it goes to, and where. */
public final class MisalignedException extends IOException {
  private static final long serialVersionUID = 1L;

  MisalignedException(long offset, long length, int alignment) {
    super(
        "a direct read of %d bytes at %d: both must be multiples of %d"
            .formatted(length, offset, alignment));
  }
}
