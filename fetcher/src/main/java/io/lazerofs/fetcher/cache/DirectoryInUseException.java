package io.lazerofs.fetcher.cache;

import java.nio.file.Path;
import java.util.OptionalLong;

/** Says that another process, or another cache of this process, works in a cache directory. */
public final class DirectoryInUseException extends CacheException {
  private static final long serialVersionUID = 1L;

  private final transient OptionalLong pid;

  DirectoryInUseException(Path directory, OptionalLong pid) {
    super(
        "cache directory "
            + directory
            + " is in use by "
            + (pid.isPresent() ? "process " + pid.getAsLong() : "another process"));
    this.pid = pid;
  }

  /** Returns the process that holds the directory, when it left its number. */
  public OptionalLong pid() {
    return pid;
  }
}
