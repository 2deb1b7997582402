package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;

/** Says that a source gave more or fewer bytes for a range than were asked of it. */
public final class WrongLengthException extends CacheException {
  private static final long serialVersionUID = 1L;

  /**
   * @param offset the first byte of the range
   * @param expected the range's length in bytes
   * @param actual the bytes that came; more may have followed when it exceeds {@code expected}
   */
  WrongLengthException(Digest digest, long offset, long expected, long actual) {
    super(
        "blob %s: %s bytes at %d: expected %d, got %d%s"
            .formatted(
                digest,
                actual < expected ? "too few" : "too many",
                offset,
                expected,
                actual,
                actual < expected ? "" : " or more"));
  }
}
