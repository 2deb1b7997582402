package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;

/** Says that the bytes of a whole blob are not those that its digest names. */
public final class DigestMismatchException extends CacheException {
  private static final long serialVersionUID = 1L;

  private final transient Digest expected;
  private final transient Digest actual;

  DigestMismatchException(Digest expected, Digest actual) {
    super("blob " + expected + " has content with the digest " + actual);
    this.expected = expected;
    this.actual = actual;
  }

  /** Returns the digest that names the blob. */
  public Digest expected() {
    return expected;
  }

  /** Returns the digest of the bytes that came. */
  public Digest actual() {
    return actual;
  }
}
