package io.lazerofs.dio;

import java.io.IOException;

/** Says that a mapper answered with a run that cannot be, and for which byte. */
public final class InvalidMappingException extends IOException {
  private static final long serialVersionUID = 1L;

  InvalidMappingException(long offset, Mapping mapping) {
    super("the mapping for byte %d cannot be: %s".formatted(offset, mapping));
  }
}
