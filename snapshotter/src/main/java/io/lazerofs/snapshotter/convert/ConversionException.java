package io.lazerofs.snapshotter.convert;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An image that cannot be converted; the message names it, the part and the reason in one line. */
public final class ConversionException extends IOException {
  private static final long serialVersionUID = 1L;

  ConversionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  ConversionException(String message) {
    this(message, null);
  }
}
