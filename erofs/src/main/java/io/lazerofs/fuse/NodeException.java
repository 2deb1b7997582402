package io.lazerofs.fuse;

import java.io.IOException;

/** Says that a node is not what a request needs it to be, and which node. */
public abstract sealed class NodeException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long node;

  private NodeException(String message, long node) {
    super(message + ": node " + Long.toHexString(node));
    this.node = node;
  }

  /** Returns the node id. */
  public long node() {
    return node;
  }

  /** The node is no longer served, or never was. */
  public static final class Stale extends NodeException {
    private static final long serialVersionUID = 1L;

    public Stale(long node) {
      super("no such node", node);
    }
  }

  /** The node is not a directory. */
  public static final class NotDirectory extends NodeException {
    private static final long serialVersionUID = 1L;

    public NotDirectory(long node) {
      super("not a directory", node);
    }
  }

  /** The node is a directory. */
  public static final class IsDirectory extends NodeException {
    private static final long serialVersionUID = 1L;

    public IsDirectory(long node) {
      super("is a directory", node);
    }
  }

  /** The node is neither a directory nor of the type that the request is for. */
  public static final class WrongType extends NodeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param wanted what the request is for, such as "symbolic link"
     */
    public WrongType(String wanted, long node) {
      super("not a " + wanted, node);
    }
  }

  /** The node's content has no bytes on a device that could be read directly. */
  public static final class NotDirect extends NodeException {
    private static final long serialVersionUID = 1L;

    public NotDirect(long node) {
      super("no direct I/O, its content is compressed", node);
    }
  }
}
