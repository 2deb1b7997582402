package io.lazerofs.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.function.Supplier;

/**
 * The C library: links its functions, and keeps the {@code errno} that they leave.
 *
 * <p>A handle that is linked here takes a {@linkplain #newCallState call state} before the
 * arguments of the C declaration.
 */
public final class LibC {
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle CAPTURED_ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** No message of the C library is longer, bytes. */
  private static final long LONGEST_MESSAGE = 256;

  /** {@code char *strerror(int errno)}. */
  private static final MethodHandle STRERROR =
      link("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT), List.of());

  private LibC() {}

  /** A call that is made with a state of its own. */
  @FunctionalInterface
  public interface Call {
    /**
     * Makes the call.
     *
     * @param arena memory that lasts as long as the call
     * @param state what the handle takes first
     * @return what the function returned, negative for a failure
     */
    long make(Arena arena, MemorySegment state) throws Throwable;
  }

  /**
   * Links a function that sets {@code errno}.
   *
   * @throws LinkageError when the C library has no such function, or the JVM denies native access
   */
  public static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return link(name, descriptor, List.of(Linker.Option.captureCallState("errno")));
  }

  /**
   * As {@link #function}, for one that ends in {@code ...}.
   *
   * @param named how many arguments its declaration names
   */
  public static MethodHandle variadic(String name, FunctionDescriptor descriptor, int named) {
    return link(
        name,
        descriptor,
        List.of(Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(named)));
  }

  /**
   * Makes one call.
   *
   * @param name the function's, for the failure's message
   * @param subject what it is about, likewise; asked for only then
   * @return what the function returned, at least 0
   * @throws SystemCallException when it returned less
   */
  public static long call(String name, Supplier<String> subject, Call call)
      throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = newCallState(arena);
      long result = call.make(arena, state);
      if (result < 0) {
        throw new SystemCallException(name, subject.get(), errno(state));
      }
      return result;
    } catch (SystemCallException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Returns the failure of a function that was called without {@link #call}.
   *
   * @param name the function's
   * @param subject what the call was about
   * @param state what the function left its {@code errno} in
   */
  public static SystemCallException failure(String name, String subject, MemorySegment state) {
    return new SystemCallException(name, subject, errno(state));
  }

  /** Returns memory for the {@code errno} of calls that one thread makes at a time. */
  public static MemorySegment newCallState(Arena arena) {
    return arena.allocate(CALL_STATE);
  }

  /** Returns the {@code errno} that the last call left in {@code state}. */
  public static int errno(MemorySegment state) {
    return (int) CAPTURED_ERRNO.get(state, 0L);
  }

  /**
   * Returns bytes as a C string.
   *
   * @throws IllegalArgumentException when there is a NUL among them
   */
  public static MemorySegment string(Arena arena, byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        throw new IllegalArgumentException("a NUL byte in a string of " + bytes.length + " bytes");
      }
    }
    MemorySegment string = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, string, JAVA_BYTE, 0, bytes.length);
    return string;
  }

  /** Wraps what a native call can only throw when it was linked wrongly. */
  public static AssertionError unexpected(Throwable t) {
    return new AssertionError("a native call threw", t);
  }

  /** Returns the C library's words for an {@code errno}. */
  static String describe(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(LONGEST_MESSAGE).getString(0);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static MethodHandle link(
      String name, FunctionDescriptor descriptor, List<Linker.Option> options) {
    Linker linker = Linker.nativeLinker();
    try {
      MemorySegment symbol =
          linker
              .defaultLookup()
              .find(name)
              .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
      return linker.downcallHandle(
          symbol, descriptor, options.toArray(new Linker.Option[options.size()]));
    } catch (IllegalCallerException denied) {
      Module module = LibC.class.getModule();
      String target = module.isNamed() ? module.getName() : "ALL-UNNAMED";
      throw new LinkageError(
          "this JVM denies native access, which system calls need: start it with"
              + " --enable-native-access="
              + target,
          denied);
    }
  }
}
