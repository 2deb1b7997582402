package io.lazerofs.fetcher.trace;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Says that a document is no trace, or none that this version knows, and why. */
public final class InvalidTraceException extends IOException {
  private static final long serialVersionUID = 1L;

  InvalidTraceException(String reason, @Nullable Throwable cause) {
    super("not a trace: " + reason, cause);
  }
}
