package io.lazerofs.fetcher.cache;

import java.io.IOException;

/** Something that the cache refuses, as opposed to an error of the disk below it. */
public abstract sealed class CacheException extends IOException
    permits BlobTooLargeException,
        DigestMismatchException,
        DirectoryInUseException,
        WrongBytesException,
        WrongLengthException {
  private static final long serialVersionUID = 1L;

  CacheException(String message) {
    super(message);
  }
}
