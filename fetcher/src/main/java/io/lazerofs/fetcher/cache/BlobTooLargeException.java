package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;

/** Says that a blob's size, as a manifest gives it, is more than the cache takes. */
public final class BlobTooLargeException extends CacheException {
  private static final long serialVersionUID = 1L;

  BlobTooLargeException(Digest digest, long bytes, long limitBytes) {
    super("blob " + digest + " has " + bytes + " bytes, more than the limit of " + limitBytes);
  }
}
