package io.lazerofs.fuse;

import io.lazerofs.fuse.Protocol.Operation;
import io.lazerofs.sys.OpenFlag;

/**
 * A request of the kernel, decoded: it no longer needs the memory that it was read into.
 *
 * <p>{@code unique} is an opaque number that the reply repeats; bit 63 is set when the kernel sends
 * a request again to a server that took a session over.
 */
sealed interface Request {

  /** Returns the number that the reply repeats. */
  long unique();

  /** INIT: the first request of a session. */
  record Initialize(long unique, int major, int minor, int maxReadAhead, long features)
      implements Request {}

  /** LOOKUP. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Lookup(long unique, long directory, byte[] name) implements Request {}

  /** GETATTR. */
  record GetAttributes(long unique, long node) implements Request {}

  /** READLINK. */
  record ReadLink(long unique, long node) implements Request {}

  /** READ; {@code direct} when the file was opened with O_DIRECT. */
  record Read(long unique, long node, long offset, int length, boolean direct) implements Request {}

  /** OPEN of a regular file; {@code direct} when it is opened with O_DIRECT. */
  record Open(long unique, long node, boolean direct) implements Request {}

  /** READDIR, or READDIRPLUS when the attributes of each entry are wanted too. */
  record ReadDirectory(long unique, long directory, long position, int length, boolean plus)
      implements Request {}

  /** GETXATTR; {@code length} 0 asks for the size only. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record GetXattr(long unique, long node, byte[] name, int length) implements Request {}

  /** LISTXATTR; {@code length} 0 asks for the size only. */
  record ListXattrs(long unique, long node, int length) implements Request {}

  /** LSEEK, which the kernel sends for SEEK_DATA and SEEK_HOLE only. */
  record Seek(long unique, long node, long offset, int whence) implements Request {
    static final int DATA = 3;
    static final int HOLE = 4;
  }

  /** STATFS. */
  record GetStatistics(long unique, long node) implements Request {}

  /** FORGET, BATCH_FORGET or INTERRUPT: nobody waits for a reply. */
  record Silent(long unique) implements Request {}

  /** RELEASE of an open file, or DESTROY of the session: there is nothing to give back. */
  record Ended(long unique) implements Request {}

  /** What this server does not do, and the error that says so. */
  record Refused(long unique, Errno errno) implements Request {}

  /** Decodes the message that {@code message} took last. */
  static Request decode(Message message) {
    int operation = message.operation();
    long unique = message.unique();
    long node = message.node();
    if (!message.hasArgument(argumentBytes(operation))) {
      return new Refused(unique, Errno.EIO);
    }
    return switch (operation) {
      case Operation.READ ->
          new Read(
              unique, node, message.readOffset(), message.readLength(), message.isDirectRead());
      case Operation.OPEN -> new Open(unique, node, (message.argument32(0) & OpenFlag.DIRECT) != 0);
      case Operation.LOOKUP -> new Lookup(unique, node, message.name(0));
      case Operation.GETATTR -> new GetAttributes(unique, node);
      case Operation.GETXATTR -> new GetXattr(unique, node, message.name(8), message.argument32(0));
      case Operation.READDIR, Operation.READDIRPLUS ->
          new ReadDirectory(
              unique,
              node,
              message.argument64(8),
              message.argument32(16),
              operation == Operation.READDIRPLUS);
      case Operation.READLINK -> new ReadLink(unique, node);
      case Operation.LISTXATTR -> new ListXattrs(unique, node, message.argument32(0));
      case Operation.LSEEK -> new Seek(unique, node, message.argument64(8), message.argument32(16));
      case Operation.STATFS -> new GetStatistics(unique, node);
      case Operation.FORGET, Operation.BATCH_FORGET, Operation.INTERRUPT -> new Silent(unique);
      case Operation.INIT -> initialize(message);
      case Operation.RELEASE, Operation.DESTROY -> new Ended(unique);
      default -> new Refused(unique, refusal(operation));
    };
  }

  private static Initialize initialize(Message message) {
    long features = Integer.toUnsignedLong(message.argument32(12));
    boolean extended = (features & Protocol.Feature.INIT_EXT) != 0;
    if (extended && message.hasArgument(20)) {
      features |= (long) message.argument32(16) << 32;
    }
    return new Initialize(
        message.unique(),
        message.argument32(0),
        message.argument32(4),
        message.argument32(8),
        features);
  }

  /** Returns the size of the fixed argument that follows the header of a decoded operation. */
  private static int argumentBytes(int operation) {
    return switch (operation) {
      case Operation.READ -> Message.READ_IN;
      case Operation.READDIR, Operation.READDIRPLUS -> 40;
      case Operation.LSEEK -> 24;
      case Operation.INIT -> 16;
      case Operation.GETXATTR -> 9;
      case Operation.OPEN, Operation.LISTXATTR -> 8;
      case Operation.LOOKUP -> 1;
      default -> 0;
    };
  }

  /**
   * Returns the error for an operation that is not decoded. The kernel remembers an ENOSYS and does
   * not ask again: so OPENDIR, FLUSH, ACCESS and STATX, whose answers would say nothing that it
   * does not know, cost one request each in the life of a mount.
   */
  private static Errno refusal(int operation) {
    return switch (operation) {
      case Operation.SETATTR,
          Operation.SYMLINK,
          Operation.MKNOD,
          Operation.MKDIR,
          Operation.UNLINK,
          Operation.RMDIR,
          Operation.RENAME,
          Operation.RENAME2,
          Operation.LINK,
          Operation.WRITE,
          Operation.SETXATTR,
          Operation.REMOVEXATTR,
          Operation.CREATE,
          Operation.FALLOCATE,
          Operation.COPY_FILE_RANGE,
          Operation.TMPFILE ->
          Errno.EROFS;
      default -> Errno.ENOSYS;
    };
  }
}
