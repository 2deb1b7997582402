package io.lazerofs.it.tree;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;

/** A function of the C library that sets errno, to be called with any arguments. */
final class LibC {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final String name;
  private final MethodHandle handle;

  private LibC(String name, MethodHandle handle) {
    this.name = name;
    this.handle = handle;
  }

  /** Finds a function; a result that is an int or a pointer becomes a long. */
  static LibC function(String name, FunctionDescriptor descriptor) {
    return function(name, descriptor, new Linker.Option[0]);
  }

  /** Finds a function with arguments that vary from number {@code fixed} on. */
  static LibC variadic(String name, int fixed, FunctionDescriptor descriptor) {
    return function(name, descriptor, Linker.Option.firstVariadicArg(fixed));
  }

  private static LibC function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker.Option[] all = new Linker.Option[options.length + 1];
    System.arraycopy(options, 0, all, 1, options.length);
    all[0] = Linker.Option.captureCallState("errno");
    MethodHandle handle =
        LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, all);
    Class<?> result = handle.type().returnType();
    if (result == int.class) {
      handle = handle.asType(handle.type().changeReturnType(long.class));
    }
    int count = handle.type().parameterCount() - 1;
    MethodType generic = MethodType.methodType(Object.class, MemorySegment.class, Object[].class);
    return new LibC(name, handle.asSpreader(Object[].class, count).asType(generic));
  }

  /**
   * Calls the function.
   *
   * @throws SystemCallFailure when it returns a negative number
   */
  long call(Object... arguments) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result = (long) invoke(state, arguments);
      if (result < 0) {
        throw new SystemCallFailure(name, (int) ERRNO.get(state, 0L));
      }
      return result;
    }
  }

  /** Calls a function that returns a pointer. */
  MemorySegment pointer(Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      return (MemorySegment) invoke(arena.allocate(STATE), arguments);
    }
  }

  private Object invoke(MemorySegment state, Object... arguments) {
    try {
      return (Object) handle.invokeExact(state, arguments);
    } catch (Throwable t) {
      throw new AssertionError(name, t);
    }
  }

  /** Returns a byte string as a C string. */
  static MemorySegment string(Arena arena, String text) {
    return bytes(arena, FileFacts.bytes(text + "\0"));
  }

  /** Returns a copy of bytes in native memory. */
  static MemorySegment bytes(Arena arena, byte[] bytes) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }
}
