package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;

/**
 * Says that a block's bytes are not those that the blob's hash tree names. Whoever gave them gave
 * wrong bytes; another source may have the right ones.
 */
public final class WrongBytesException extends CacheException {
  private static final long serialVersionUID = 1L;

  private final long offset;
  private final transient Digest expected;
  private final transient Digest actual;

  /**
   * @param blob the digest of the blob
   * @param offset the first byte of the block; all before it that was taken is present
   * @param expected the block's hash in the tree
   * @param actual the hash of the bytes that came
   */
  public WrongBytesException(Digest blob, long offset, Digest expected, Digest actual) {
    super(
        "blob %s: wrong bytes at %d: expected hash %s, actual %s"
            .formatted(blob, offset, expected.hex(), actual.hex()));
    this.offset = offset;
    this.expected = expected;
    this.actual = actual;
  }

  /** Returns the first byte of the block, where reading has to go on. */
  public long offset() {
    return offset;
  }

  /** Returns the block's hash in the tree. */
  public Digest expected() {
    return expected;
  }

  /** Returns the hash of the bytes that came. */
  public Digest actual() {
    return actual;
  }
}
