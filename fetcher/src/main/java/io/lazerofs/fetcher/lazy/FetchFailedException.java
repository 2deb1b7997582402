package io.lazerofs.fetcher.lazy;

import io.lazerofs.source.Digest;

/** Says which range of which blob could not be fetched; its cause says why. */
public final class FetchFailedException extends LazyBlobException {
  private static final long serialVersionUID = 1L;

  private final long offset;
  private final long length;

  FetchFailedException(Digest digest, long offset, long length, Throwable cause) {
    super(
        "blob %s: %d bytes at %d: %s".formatted(digest, length, offset, cause.getMessage()), cause);
    this.offset = offset;
    this.length = length;
  }

  /** Returns the first byte of the range that was wanted. */
  public long offset() {
    return offset;
  }

  /** Returns the length of the range that was wanted, in bytes. */
  public long length() {
    return length;
  }
}
