package io.lazerofs.fuse;

import io.lazerofs.dio.InvalidMappingException;
import io.lazerofs.dio.MisalignedException;
import io.lazerofs.dio.WouldBlockException;
import io.lazerofs.erofs.CorruptImageException;
import io.lazerofs.erofs.UnsupportedFeatureException;
import java.io.IOException;

/**
 * The errors that a reply can carry, by their names in errno(3) and Linux's numbers, and the one
 * place that makes them of exceptions.
 */
public enum Errno {
  EPERM(1),
  ENOENT(2),
  EINTR(4),
  EIO(5),
  ENXIO(6),
  EAGAIN(11),
  EBUSY(16),
  ENODEV(19),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  EROFS(30),
  ERANGE(34),
  ENOSYS(38),
  ENODATA(61),
  EOPNOTSUPP(95),
  ESTALE(116),
  EUCLEAN(117);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** Returns the number, positive. */
  public int number() {
    return number;
  }

  /** Whether a system call that answered {@code result} failed with this error. */
  boolean is(int result) {
    return result == -number;
  }

  /** Returns the error that a failure is to a user of the file system. */
  public static Errno of(IOException failure) {
    return switch (failure) {
      case NodeException.Stale _ -> ESTALE;
      case NodeException.NotDirectory _ -> ENOTDIR;
      case NodeException.IsDirectory _ -> EISDIR;
      case NodeException.WrongType _ -> EINVAL;
      case NodeException.NotDirect _ -> EINVAL;
      case MisalignedException _ -> EINVAL;
      case WouldBlockException _ -> EAGAIN;
      case InvalidMappingException _ -> EUCLEAN;
      case CorruptImageException _ -> EUCLEAN;
      case UnsupportedFeatureException _ -> EOPNOTSUPP;
      default -> EIO;
    };
  }
}
