package io.lazerofs.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A pipe whose reading end is for another process (pipe(2)): that one sees its end when this
 * process ends, however it ends.
 *
 * @param readEnd to be given on and closed
 * @param writeEnd this process's own
 */
public record Pipe(Descriptor readEnd, Descriptor writeEnd) {
  private static final MethodHandle PIPE2 =
      LibC.function("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  /** {@code ssize_t write(int fd, const void *from, size_t size)}. */
  private static final MethodHandle WRITE =
      LibC.function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

  /** Makes a pipe. */
  public static Pipe open() throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(JAVA_INT, 2);
      LibC.call(
          "pipe",
          () -> "to another process",
          (_, state) -> (int) PIPE2.invokeExact(state, ends, OpenFlag.CLOSE_ON_EXEC));
      return new Pipe(
          Descriptor.of(ends.getAtIndex(JAVA_INT, 0)), Descriptor.of(ends.getAtIndex(JAVA_INT, 1)));
    }
  }

  /** Writes a few bytes, which fit into the pipe. */
  public void write(byte[] bytes) throws SystemCallException {
    LibC.call(
        "write",
        () -> "a pipe",
        (arena, state) ->
            (long)
                WRITE.invokeExact(
                    state,
                    writeEnd.number(),
                    arena.allocateFrom(JAVA_BYTE, bytes),
                    (long) bytes.length));
  }
}
