package io.lazerofs.fetcher.hosts;

import java.io.IOException;
import java.nio.file.Path;

/** A file about hosts that cannot be used; the message says which, where in it, and why. */
public final class HostsException extends IOException {
  private static final long serialVersionUID = 1L;

  HostsException(Path file, int line, String problem) {
    super("%s: line %d: %s".formatted(file, line, problem));
  }

  HostsException(Path file, String problem) {
    super(file + ": " + problem);
  }
}
