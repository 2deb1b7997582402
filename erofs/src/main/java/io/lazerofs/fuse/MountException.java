package io.lazerofs.fuse;

import java.io.IOException;
import java.nio.file.Path;

/** Says that nothing could be mounted, where, why, and what to do about it. */
public final class MountException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Path mountPoint;

  public MountException(Path mountPoint, String reason) {
    super("cannot mount on " + mountPoint + ": " + reason);
    this.mountPoint = mountPoint;
  }

  public MountException(Path mountPoint, String reason, Throwable cause) {
    super("cannot mount on " + mountPoint + ": " + reason, cause);
    this.mountPoint = mountPoint;
  }

  /** Returns where it was to be mounted. */
  public Path mountPoint() {
    return mountPoint;
  }
}
