package io.lazerofs.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * One message to a unix-domain socket of datagrams, which java.net knows as a stream only
 * (unix(7)).
 */
public final class UnixDatagram {
  /** Address family and type of socket(2): AF_UNIX, SOCK_DGRAM, SOCK_CLOEXEC. */
  private static final int UNIX = 1;

  private static final int DATAGRAM = 2;
  private static final int CLOSE_ON_EXEC = 0x80000;

  /** {@code struct sockaddr_un}: the family, and {@code sun_path}. */
  private static final int FAMILY_BYTES = 2;

  private static final int PATH_BYTES = 108;

  /** {@code int socket(int domain, int type, int protocol)}. */
  private static final MethodHandle SOCKET =
      LibC.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

  /**
   * {@code ssize_t sendto(int socket, const void *message, size_t length, int flags, const struct
   * sockaddr *address, socklen_t addressLength)}.
   */
  private static final MethodHandle SENDTO =
      LibC.function(
          "sendto",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  private UnixDatagram() {}

  /**
   * Sends a message whole. Waits while the receiver's queue is full.
   *
   * @param address the receiver: a path, or {@code @} and a name in the abstract namespace
   * @throws IllegalArgumentException when no socket can have such an address
   * @throws SystemCallException when it cannot be sent, as when nobody receives there
   */
  public static void send(String address, byte[] message) throws SystemCallException {
    byte[] path = address(address);
    try (Descriptor socket = open(address)) {
      int descriptor = socket.number();
      LibC.call(
          "sendto",
          () -> address,
          (arena, state) -> {
            MemorySegment to = structure(arena, path);
            return (long)
                SENDTO.invokeExact(
                    state,
                    descriptor,
                    arena.allocateFrom(JAVA_BYTE, message),
                    (long) message.length,
                    0,
                    to,
                    (int) to.byteSize());
          });
    }
  }

  private static Descriptor open(String address) throws SystemCallException {
    return Descriptor.of(
        (int)
            LibC.call(
                "socket",
                () -> address,
                (_, state) -> (int) SOCKET.invokeExact(state, UNIX, DATAGRAM | CLOSE_ON_EXEC, 0)));
  }

  /**
   * Returns {@code sun_path} of an address: a path ends with a NUL, an abstract name begins with
   * one and ends where the address does.
   */
  private static byte[] address(String address) {
    boolean isAbstract = address.startsWith("@");
    byte[] path = (isAbstract ? address : address + "\0").getBytes(StandardCharsets.UTF_8);
    int inside = address.indexOf('\0');
    if (path.length < 2 || path.length > PATH_BYTES || inside >= 0) {
      throw new IllegalArgumentException("no address of a unix-domain socket: " + address);
    }
    if (isAbstract) {
      path[0] = 0;
    }
    return path;
  }

  private static MemorySegment structure(Arena arena, byte[] path) {
    MemorySegment structure = arena.allocate(FAMILY_BYTES + path.length, FAMILY_BYTES);
    structure.set(JAVA_SHORT, 0, (short) UNIX);
    MemorySegment.copy(path, 0, structure, JAVA_BYTE, FAMILY_BYTES, path.length);
    return structure;
  }
}
