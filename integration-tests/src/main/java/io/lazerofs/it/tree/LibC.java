package io.lazerofs.it.tree;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;

/** A function of the C library that sets errno, to be called with any arguments. */
final class LibC {
  private final String name;
  private final MethodHandle handle;

  private LibC(String name, MethodHandle linked) {
    MethodHandle wide =
        linked.type().returnType() == int.class
            ? linked.asType(linked.type().changeReturnType(long.class))
            : linked;
    int count = wide.type().parameterCount() - 1;
    MethodType generic = MethodType.methodType(Object.class, MemorySegment.class, Object[].class);
    this.name = name;
    this.handle = wide.asSpreader(Object[].class, count).asType(generic);
  }

  /** Finds a function; a result that is an int becomes a long. */
  static LibC function(String name, FunctionDescriptor descriptor) {
    return new LibC(name, io.lazerofs.sys.LibC.function(name, descriptor));
  }

  /** Finds a function with arguments that vary from number {@code fixed} on. */
  static LibC variadic(String name, int fixed, FunctionDescriptor descriptor) {
    return new LibC(name, io.lazerofs.sys.LibC.variadic(name, descriptor, fixed));
  }

  /**
   * Calls the function.
   *
   * @throws SystemCallFailure when it returns a negative number
   */
  long call(Object... arguments) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = io.lazerofs.sys.LibC.newCallState(arena);
      long result = (long) invoke(state, arguments);
      if (result < 0) {
        throw new SystemCallFailure(name, io.lazerofs.sys.LibC.errno(state));
      }
      return result;
    }
  }

  /** Calls a function that returns a pointer. */
  MemorySegment pointer(Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      return (MemorySegment) invoke(io.lazerofs.sys.LibC.newCallState(arena), arguments);
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
