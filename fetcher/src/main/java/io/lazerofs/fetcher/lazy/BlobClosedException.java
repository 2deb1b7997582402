package io.lazerofs.fetcher.lazy;

import io.lazerofs.source.Digest;

/** Says that a blob was closed before or while something was wanted of it. */
public final class BlobClosedException extends LazyBlobException {
  private static final long serialVersionUID = 1L;

  BlobClosedException(Digest digest) {
    super("blob " + digest + " is closed");
  }
}
