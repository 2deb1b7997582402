package io.lazerofs.files;

import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.LibC;
import io.lazerofs.sys.SystemCallException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.util.OptionalLong;

/** A regular file that is open for reading. For one thread at a time; the owner closes it. */
public final class OpenFile implements AutoCloseable {
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int NO_MORE = 6; // ENXIO

  private final Descriptor descriptor;
  private final String path;

  private OpenFile(Descriptor descriptor, String path) {
    this.descriptor = descriptor;
    this.path = path;
  }

  /** Takes a descriptor over; closes it when it is of no regular file. */
  static OpenFile of(Descriptor descriptor, String path) throws IOException {
    OpenFile file = new OpenFile(descriptor, path);
    try {
      if (!file.status().isRegular()) {
        throw new FileSystemException(path, null, "not a regular file");
      }
      return file;
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /** Returns its path when it was opened, as text for people. */
  public String path() {
    return path;
  }

  /** Returns the status that it has at this moment. */
  public FileStatus status() throws SystemCallException {
    return FileStatus.of(descriptor, () -> path);
  }

  /**
   * Reads once, which may give fewer bytes than there are.
   *
   * @param position where in the file, bytes from its start
   * @param to where to, in native memory
   * @return how many bytes, 0 at the end of the file or when {@code to} is empty
   */
  public long read(long position, MemorySegment to) throws SystemCallException {
    return LibC.call(
        "pread",
        () -> path,
        (_, state) ->
            (long)
                Calls.PREAD.invokeExact(state, descriptor.number(), to, to.byteSize(), position));
  }

  /**
   * Returns where the first data is that is not before {@code position}, or empty when only a hole
   * follows, or the end. A file system that knows no holes has data everywhere.
   */
  public OptionalLong nextData(long position) throws SystemCallException {
    try {
      return OptionalLong.of(seek(position, SEEK_DATA));
    } catch (SystemCallException e) {
      if (e.errno() == NO_MORE) {
        return OptionalLong.empty();
      }
      throw e;
    }
  }

  /**
   * Returns where the first hole begins that is not before {@code position}; the end of the file is
   * one.
   *
   * @param position less than the file's size
   */
  public long nextHole(long position) throws SystemCallException {
    return seek(position, SEEK_HOLE);
  }

  private long seek(long position, int whence) throws SystemCallException {
    return LibC.call(
        "lseek",
        () -> path,
        (_, state) -> (long) Calls.LSEEK.invokeExact(state, descriptor.number(), position, whence));
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
