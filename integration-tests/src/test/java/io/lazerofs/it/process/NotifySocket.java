package io.lazerofs.it.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.lazerofs.sys.LibC;
import io.lazerofs.sys.SystemCallException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A service manager's end of sd_notify(3): a socket of datagrams that a test reads. */
final class NotifySocket implements AutoCloseable {
  private static final int UNIX = 1;
  private static final int DATAGRAM = 2;
  private static final int DO_NOT_WAIT = 0x40;
  private static final int NOTHING_THERE = 11; // EAGAIN
  private static final int LONGEST = 4096;

  private static final MethodHandle SOCKET =
      LibC.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND =
      LibC.function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle RECV =
      LibC.function(
          "recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CLOSE =
      LibC.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final String address;
  private final int descriptor;

  private NotifySocket(String address, int descriptor) {
    this.address = address;
    this.descriptor = descriptor;
  }

  /**
   * Binds a socket.
   *
   * @param address a path that is free, or {@code @} and a name
   */
  static NotifySocket bind(String address) throws SystemCallException {
    int descriptor =
        (int)
            LibC.call(
                "socket",
                () -> address,
                (_, state) -> (int) SOCKET.invokeExact(state, UNIX, DATAGRAM, 0));
    byte[] path = address.getBytes(StandardCharsets.UTF_8);
    if (address.startsWith("@")) {
      path[0] = 0;
    }
    LibC.call(
        "bind",
        () -> address,
        (arena, state) -> {
          MemorySegment structure = arena.allocate(2 + path.length, 2);
          structure.set(JAVA_SHORT, 0, (short) UNIX);
          MemorySegment.copy(path, 0, structure, JAVA_BYTE, 2, path.length);
          return (int) BIND.invokeExact(state, descriptor, structure, (int) structure.byteSize());
        });
    return new NotifySocket(address, descriptor);
  }

  String address() {
    return address;
  }

  /** The lines of the next message, or none when there is no message. */
  List<String> poll() throws SystemCallException {
    try {
      var message = new String[1];
      LibC.call(
          "recv",
          () -> address,
          (arena, state) -> {
            MemorySegment buffer = arena.allocate(LONGEST);
            long length =
                (long) RECV.invokeExact(state, descriptor, buffer, (long) LONGEST, DO_NOT_WAIT);
            if (length >= 0) {
              byte[] bytes = buffer.asSlice(0, length).toArray(JAVA_BYTE);
              message[0] = new String(bytes, StandardCharsets.UTF_8);
            }
            return length;
          });
      return List.of(message[0].split("\n"));
    } catch (SystemCallException e) {
      if (e.errno() == NOTHING_THERE) {
        return List.of();
      }
      throw e;
    }
  }

  @Override
  public void close() throws SystemCallException {
    LibC.call("close", () -> address, (_, state) -> (int) CLOSE.invokeExact(state, descriptor));
  }
}
