package io.lazerofs.snapshotter.store;

/**
 * An answer to a caller that asked for what cannot be done: the closed set of refusals that
 * containerd knows how to act on. What goes wrong on this machine, such as a full disk, is an
 * {@link java.io.IOException} instead.
 */
public abstract sealed class SnapshotException extends Exception {
  private static final long serialVersionUID = 1L;

  private SnapshotException(String message) {
    super(Printable.of(message));
  }

  private SnapshotException(String message, Throwable cause) {
    super(Printable.of(message), cause);
  }

  /** The key or name is in use, or the layer that was asked for is there already. */
  public static final class AlreadyExists extends SnapshotException {
    private static final long serialVersionUID = 1L;

    public AlreadyExists(String key) {
      super("snapshot \"" + key + "\" exists already");
    }
  }

  /** There is no snapshot of that key or name. */
  public static final class NotFound extends SnapshotException {
    private static final long serialVersionUID = 1L;

    public NotFound(String key) {
      super("snapshot \"" + key + "\" does not exist");
    }
  }

  /** The snapshot is not in a state that allows the call. */
  public static final class FailedPrecondition extends SnapshotException {
    private static final long serialVersionUID = 1L;

    public FailedPrecondition(String message) {
      super(message);
    }
  }

  /** The call means nothing in any state. */
  public static final class InvalidArgument extends SnapshotException {
    private static final long serialVersionUID = 1L;

    public InvalidArgument(String message) {
      super(message);
    }
  }

  /** Something elsewhere does not answer now and may later; the call can be made again. */
  public static final class Unavailable extends SnapshotException {
    private static final long serialVersionUID = 1L;

    public Unavailable(String message) {
      super(message);
    }

    public Unavailable(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
