package io.lazerofs.fuse.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.LibC;
import io.lazerofs.sys.OpenFlag;
import io.lazerofs.sys.SystemCallException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * An open {@code /dev/fuse}: the kernel's end of one FUSE session.
 *
 * <p>Many threads may read and write it at once, each with an {@link IoVector} of its own. Reads
 * block, so they belong on platform threads. The descriptor must be closed only when no call is
 * under way, since its number may be given to another file at once.
 */
public final class FuseDevice implements Transport {
  private static final String PATH = "/dev/fuse";

  /** {@code ssize_t readv(int fd, const struct iovec *parts, int count)}. */
  private static final MethodHandle READV =
      LibC.function("readv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  /** {@code ssize_t writev(int fd, const struct iovec *parts, int count)}. */
  private static final MethodHandle WRITEV =
      LibC.function("writev", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  private final Descriptor owned;
  private final int descriptor;

  private FuseDevice(Descriptor owned) {
    this.owned = owned;
    descriptor = owned.number();
  }

  /**
   * Opens the device, not yet tied to a mount.
   *
   * @throws SystemCallException when there is no such device or it may not be opened
   */
  public static FuseDevice open() throws SystemCallException {
    byte[] path = PATH.getBytes(StandardCharsets.US_ASCII);
    return new FuseDevice(
        Descriptor.open(Descriptor.WORKING_DIRECTORY, path, OpenFlag.READ_WRITE, 0, () -> PATH));
  }

  /** Returns a device that is open already, and tied to a mount; owns the descriptor. */
  public static FuseDevice of(Descriptor descriptor) {
    return new FuseDevice(descriptor);
  }

  /** Returns the descriptor's number, for the {@code fd=} option of the mount. */
  public int descriptor() {
    return descriptor;
  }

  @Override
  public int read(IoVector vector) {
    try {
      long count = (long) READV.invokeExact(vector.callState, descriptor, vector.parts, 1);
      return count < 0 ? -LibC.errno(vector.callState) : (int) count;
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }

  @Override
  public int write(IoVector vector, int parts) {
    try {
      long count = (long) WRITEV.invokeExact(vector.callState, descriptor, vector.parts, parts);
      return count < 0 ? -LibC.errno(vector.callState) : (int) count;
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }

  /** Closes the descriptor; the kernel ends the session when it is the last one. */
  @Override
  public void close() {
    owned.close();
  }
}
