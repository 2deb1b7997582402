package io.lazerofs.snapshotter.convert;

import java.io.IOException;

/** Says that a layer's annotations name a hash tree that cannot be; names the annotation. */
public final class BadVerityAnnotationException extends IOException {
  private static final long serialVersionUID = 1L;

  BadVerityAnnotationException(String annotation, String expected, String actual) {
    super("annotation %s: expected %s, found '%s'".formatted(annotation, expected, actual));
  }
}
