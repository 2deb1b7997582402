package io.lazerofs.it;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A file opened with open(2), for what Java's own files hide: O_DIRECT of any alignment, lseek(2)
 * for holes, any xattr, and each errno. Failures are {@code -errno}.
 */
final class NativeFile implements AutoCloseable {
  static final int EIO = 5;
  static final int ENXIO = 6;
  static final int EINVAL = 22;
  static final int EROFS = 30;
  static final int ERANGE = 34;
  static final int ENODATA = 61;

  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_DIRECT = System.getProperty("os.arch").equals("aarch64") ? 0x10000 : 0x4000;

  private static final int SET_FLAGS = 4; // F_SETFL
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private static final MethodHandle OPEN =
      link(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FCNTL =
      link(
          "fcntl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle PREAD =
      link("pread64", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle LSEEK =
      link("lseek64", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle GETXATTR =
      link("lgetxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle LISTXATTR =
      link("llistxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG));

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
  private final int descriptor;

  private NativeFile(Path path, int flags) {
    try {
      int result = (int) OPEN.invokeExact(state, string(arena, path), flags);
      descriptor = result < 0 ? -errno(state) : result;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Opens a file; {@link #result} tells how that went. */
  static NativeFile open(Path path, int flags) {
    return new NativeFile(path, flags);
  }

  /** Returns the descriptor or the failure of the open. */
  int result() {
    return descriptor;
  }

  /** Sets the flags of the open file, which fcntl(2) lets change after the open. */
  int setFlags(int flags) {
    try {
      int result = (int) FCNTL.invokeExact(state, descriptor, SET_FLAGS, flags);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Reads into memory that starts {@code skew} bytes after a page. */
  long read(long offset, int length, int skew, byte[] to) {
    try (Arena own = Arena.ofConfined()) {
      MemorySegment memory = own.allocate(length + (long) skew + 1, 4096).asSlice(skew, length);
      long result = (long) PREAD.invokeExact(state, descriptor, memory, (long) length, offset);
      if (result < 0) {
        return -errno(state);
      }
      MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, to, 0, (int) result);
      return result;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  long seekData(long offset) {
    return seek(offset, SEEK_DATA);
  }

  long seekHole(long offset) {
    return seek(offset, SEEK_HOLE);
  }

  private long seek(long offset, int whence) {
    try {
      long result = (long) LSEEK.invokeExact(state, descriptor, offset, whence);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** An answer of a system call: a result or {@code -errno}, and the bytes that came with it. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
  record Answer(long result, byte[] bytes) {}

  /** Calls lgetxattr(2) with room for {@code length} bytes. */
  static Answer xattr(Path path, String name, int length) {
    try (Arena own = Arena.ofConfined()) {
      MemorySegment state = own.allocate(Linker.Option.captureStateLayout());
      MemorySegment value = own.allocate(length + 1L);
      long result =
          (long)
              GETXATTR.invokeExact(
                  state, string(own, path), own.allocateFrom(name), value, (long) length);
      return answer(result, length, value, state);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Calls llistxattr(2) with room for {@code length} bytes. */
  static Answer xattrNames(Path path, int length) {
    try (Arena own = Arena.ofConfined()) {
      MemorySegment state = own.allocate(Linker.Option.captureStateLayout());
      MemorySegment names = own.allocate(length + 1L);
      long result = (long) LISTXATTR.invokeExact(state, string(own, path), names, (long) length);
      return answer(result, length, names, state);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private static Answer answer(long result, int length, MemorySegment value, MemorySegment state) {
    if (result < 0) {
      return new Answer(-errno(state), new byte[0]);
    }
    long count = length == 0 ? 0 : result;
    return new Answer(result, value.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public void close() {
    try {
      if (descriptor >= 0) {
        int ignored = (int) CLOSE.invokeExact(state, descriptor);
      }
    } catch (Throwable t) {
      throw new AssertionError(t);
    } finally {
      arena.close();
    }
  }

  /** Returns a path as a C string: its very bytes, which need not be text. */
  private static MemorySegment string(Arena arena, Path path) {
    String raw = path.toUri().getRawPath().replaceAll("/$", "");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < raw.length(); i++) {
      boolean escaped = raw.charAt(i) == '%';
      bytes.write(escaped ? HexFormat.fromHexDigits(raw, i + 1, i + 3) : raw.charAt(i));
      i += escaped ? 2 : 0;
    }
    bytes.write(0);
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes.toByteArray());
  }

  private static int errno(MemorySegment state) {
    return (int)
        Linker.Option.captureStateLayout()
            .varHandle(MemoryLayout.PathElement.groupElement("errno"))
            .get(state, 0L);
  }

  private static MethodHandle link(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = Linker.Option.captureCallState("errno");
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, all);
  }
}
