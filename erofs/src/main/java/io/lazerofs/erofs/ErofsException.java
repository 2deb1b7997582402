package io.lazerofs.erofs;

import java.io.IOException;

/** What is wrong with an image. */
public abstract sealed class ErofsException extends IOException
    permits CorruptImageException, UnsupportedFeatureException {
  private static final long serialVersionUID = 1L;

  ErofsException(String message) {
    super(message);
  }
}
