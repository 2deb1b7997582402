package io.lazerofs.fetcher.lazy;

import java.io.IOException;

/** Why a lazily loaded blob could not bring bytes in. */
public abstract sealed class LazyBlobException extends IOException
    permits BlobClosedException, FetchFailedException {
  private static final long serialVersionUID = 1L;

  LazyBlobException(String message) {
    super(message);
  }

  LazyBlobException(String message, Throwable cause) {
    super(message, cause);
  }
}
