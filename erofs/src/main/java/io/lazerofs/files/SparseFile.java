package io.lazerofs.files;

import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.LibC;
import io.lazerofs.sys.OpenFlag;
import io.lazerofs.sys.SystemCallException;
import java.nio.file.Path;

/**
 * An existing file that gives parts of itself back to its file system: they become holes, which
 * read as zeros, and its size stays. For use by one thread.
 */
public final class SparseFile implements AutoCloseable {
  private static final int KEEP_SIZE = 1; // FALLOC_FL_KEEP_SIZE
  private static final int PUNCH_HOLE = 2; // FALLOC_FL_PUNCH_HOLE

  private static final int NO_SYSTEM_CALL = 38; // ENOSYS
  private static final int NOT_SUPPORTED = 95; // EOPNOTSUPP

  private final Descriptor descriptor;
  private final Path path;

  private SparseFile(Descriptor descriptor, Path path) {
    this.descriptor = descriptor;
    this.path = path;
  }

  /**
   * Opens a file; the caller closes it.
   *
   * @throws SystemCallException when it does not exist or may not be written
   */
  public static SparseFile open(Path path) throws SystemCallException {
    return new SparseFile(
        Descriptor.open(
            Descriptor.WORKING_DIRECTORY,
            PathBytes.of(path),
            OpenFlag.READ_WRITE,
            0,
            path::toString),
        path);
  }

  /**
   * Makes a hole of {@code [offset, offset + length)}; what of it is no whole block of the file
   * system becomes zeros that take their place as before (fallocate(2), FALLOC_FL_PUNCH_HOLE).
   *
   * @throws SystemCallException when the disk fails, or {@link #isRefusal} tells that the file
   *     system cannot do it
   */
  public void punch(long offset, long length) throws SystemCallException {
    int number = descriptor.number();
    LibC.call(
        "fallocate",
        () -> path + " at " + offset,
        (arena, state) ->
            (int)
                Calls.FALLOCATE.invokeExact(state, number, PUNCH_HOLE | KEEP_SIZE, offset, length));
  }

  /** Tells whether a failure of {@link #punch} means that this file system makes no holes. */
  public static boolean isRefusal(SystemCallException failure) {
    return failure.errno() == NOT_SUPPORTED || failure.errno() == NO_SYSTEM_CALL;
  }

  /** Returns how many bytes of its file system the file takes. */
  public long allocatedBytes() throws SystemCallException {
    return FileStatus.of(descriptor, path::toString).allocatedBytes();
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
