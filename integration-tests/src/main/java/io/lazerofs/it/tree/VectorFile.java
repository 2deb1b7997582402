package io.lazerofs.it.tree;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;

/**
 * A file that is open to be read at any offset into any memory, by pread(2) and preadv2(2). Safe
 * for use by many threads. Methods throw {@link SystemCallFailure}.
 */
public final class VectorFile implements AutoCloseable {
  /** Bytes of a struct iovec: an address and a length. */
  public static final int IOVEC_BYTES = 16;

  private static final int O_CLOEXEC = 02000000;
  private static final int O_DIRECT =
      System.getProperty("os.arch").equals("aarch64") ? 0x10000 : 0x4000;
  private static final int RWF_NOWAIT = 8;
  private static final int FADV_DONTNEED = 4;
  private static final int ENOTCONN = 107;

  private static final LibC OPEN =
      LibC.variadic("open", 2, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final LibC CLOSE =
      LibC.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final LibC PREAD =
      LibC.function(
          "pread64", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final LibC PREADV2 =
      LibC.function(
          "preadv64v2",
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final LibC FADVISE =
      LibC.function(
          "posix_fadvise64",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private final int descriptor;

  private VectorFile(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Opens a file.
   *
   * @param path one character a byte
   * @param direct whether with O_DIRECT
   */
  public static VectorFile open(String path, boolean direct) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int flags = O_CLOEXEC | (direct ? O_DIRECT : 0);
      return new VectorFile((int) OPEN.call(LibC.string(arena, path), flags));
    }
  }

  /** Calls pread(2); returns the number of bytes read. */
  public long read(MemorySegment memory, long offset) throws IOException {
    return PREAD.call(descriptor, memory, memory.byteSize(), offset);
  }

  /**
   * Calls preadv2(2).
   *
   * @param vectors one struct iovec after another
   * @param noWait whether with RWF_NOWAIT
   * @return the number of bytes read
   */
  public long read(MemorySegment vectors, long offset, boolean noWait) throws IOException {
    int count = (int) (vectors.byteSize() / IOVEC_BYTES);
    return PREADV2.call(descriptor, vectors, count, offset, noWait ? RWF_NOWAIT : 0);
  }

  /** Asks the kernel to forget the pages of this file that it has cached. */
  public void dropCache() throws IOException {
    FADVISE.call(descriptor, 0L, 0L, FADV_DONTNEED);
  }

  /** Closes the file; that its server is dead already (ENOTCONN) is no failure of a reader's. */
  @Override
  public void close() throws IOException {
    try {
      CLOSE.call(descriptor);
    } catch (SystemCallFailure e) {
      if (e.errno() != ENOTCONN) {
        throw e;
      }
    }
  }
}
