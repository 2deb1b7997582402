package io.lazerofs.fuse.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The functions of the C library that lazerofs calls, each with its C declaration.
 *
 * <p>Every handle but {@link #STRERROR} takes a {@linkplain #newCallState call state} first, where
 * {@code errno} is left.
 */
final class LibC {
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle CAPTURED_ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** No message of the C library is longer, bytes. */
  private static final long LONGEST_MESSAGE = 256;

  /** {@code int open(const char *path, int flags, ...)}. */
  static final MethodHandle OPEN =
      call(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));

  /** {@code int close(int fd)}. */
  static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /** {@code ssize_t readv(int fd, const struct iovec *parts, int count)}. */
  static final MethodHandle READV =
      call("readv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  /** {@code ssize_t writev(int fd, const struct iovec *parts, int count)}. */
  static final MethodHandle WRITEV =
      call("writev", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  /**
   * {@code int mount(const char *source, const char *target, const char *type, unsigned long flags,
   * const void *data)}.
   */
  static final MethodHandle MOUNT =
      call("mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));

  /** {@code int umount2(const char *target, int flags)}. */
  static final MethodHandle UMOUNT2 =
      call("umount2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  /**
   * {@code int statx(int directory, const char *path, int flags, unsigned int mask, struct statx
   * *result)}.
   */
  static final MethodHandle STATX =
      call(
          "statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

  /** {@code char *strerror(int errno)}. */
  private static final MethodHandle STRERROR =
      link("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT), List.of());

  private LibC() {}

  /** Returns memory for the {@code errno} of calls that one thread makes at a time. */
  static MemorySegment newCallState(Arena arena) {
    return arena.allocate(CALL_STATE);
  }

  /** Returns the {@code errno} that the last call left in {@code state}. */
  static int errno(MemorySegment state) {
    return (int) CAPTURED_ERRNO.get(state, 0L);
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

  /** Wraps what a native call can only throw when it was linked wrongly. */
  static AssertionError unexpected(Throwable t) {
    return new AssertionError("a native call threw", t);
  }

  private static MethodHandle call(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    List<Linker.Option> all = new ArrayList<>(List.of(options));
    all.add(Linker.Option.captureCallState("errno"));
    return link(name, descriptor, all);
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
          "this JVM denies native access, which the FUSE server needs: start it with"
              + " --enable-native-access="
              + target,
          denied);
    }
  }
}
