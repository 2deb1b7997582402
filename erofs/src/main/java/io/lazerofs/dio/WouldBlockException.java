package io.lazerofs.dio;

import java.io.IOException;

/** Says that a read which may not wait met bytes that are not on this machine. */
public final class WouldBlockException extends IOException {
  private static final long serialVersionUID = 1L;

  WouldBlockException(long offset, long length) {
    super("some of %d bytes at %d are absent".formatted(length, offset));
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
