package io.lazerofs.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.function.Supplier;

/**
 * The number of an open file, closed once by whoever owns this. It must be closed only when no call
 * is under way, since the number may be given to another file at once.
 */
public final class Descriptor implements AutoCloseable {

  /** The directory that paths are relative to when none is open (fcntl.h, AT_FDCWD). */
  public static final int WORKING_DIRECTORY = -100;

  /** {@code int openat(int directory, const char *path, int flags, ...)}. */
  private static final MethodHandle OPENAT =
      LibC.variadic(
          "openat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 3);

  /** {@code int close(int fd)}. */
  private static final MethodHandle CLOSE =
      LibC.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final int number;
  private boolean closed;

  private Descriptor(int number) {
    this.number = number;
  }

  /**
   * Opens a file; programs that this process starts do not inherit it.
   *
   * @param directory the number of an open directory, or {@link #WORKING_DIRECTORY}
   * @param path its bytes, without a NUL
   * @param flags of open(2), see {@link OpenFlag}
   * @param permissions of a file that is made, before the umask
   * @param subject the file, for the message of a failure
   */
  public static Descriptor open(
      int directory, byte[] path, int flags, int permissions, Supplier<String> subject)
      throws SystemCallException {
    int all = flags | OpenFlag.CLOSE_ON_EXEC;
    return new Descriptor(
        (int)
            LibC.call(
                "open",
                subject,
                (arena, state) ->
                    (int)
                        OPENAT.invokeExact(
                            state, directory, LibC.string(arena, path), all, permissions)));
  }

  /** Returns the owner of what a call of this package has just opened. */
  static Descriptor of(int number) {
    return new Descriptor(number);
  }

  /** Returns the number. */
  public int number() {
    return number;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (Arena arena = Arena.ofConfined()) {
      // Linux frees the number whatever close(2) answers, so there is nothing to do about an error.
      int ignored = (int) CLOSE.invokeExact(LibC.newCallState(arena), number);
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }
}
