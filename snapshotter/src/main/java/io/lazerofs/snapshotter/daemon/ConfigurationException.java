package io.lazerofs.snapshotter.daemon;

import java.io.IOException;
import java.nio.file.Path;

/** A configuration that cannot be used: one line that says where, what, and what is known. */
public final class ConfigurationException extends IOException {
  private static final long serialVersionUID = 1L;

  ConfigurationException(Path file, String problem) {
    super(file + ": " + problem);
  }
}
