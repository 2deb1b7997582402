package io.lazerofs.snapshotter.daemon;

import java.nio.file.Path;

/** A configuration that cannot be used: one line that says where, what, and what is known. */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  ConfigurationException(Path file, String problem) {
    super(file + ": " + problem);
  }
}
