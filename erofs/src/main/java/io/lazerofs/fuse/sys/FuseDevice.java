package io.lazerofs.fuse.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An open {@code /dev/fuse}: the kernel's end of one FUSE session.
 *
 * <p>Many threads may read and write it at once, each with an {@link IoVector} of its own. Reads
 * block, so they belong on platform threads. The descriptor must be closed only when no call is
 * under way, since its number may be given to another file at once.
 */
public final class FuseDevice implements AutoCloseable {
  private static final String PATH = "/dev/fuse";
  private static final int O_RDWR = 2;
  // The same value on every architecture that Java 25 runs on (asm-generic/fcntl.h).
  private static final int O_CLOEXEC = 0x80000;

  private final int descriptor;

  private FuseDevice(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Opens the device, not yet tied to a mount.
   *
   * @throws SystemCallException when there is no such device or it may not be opened
   */
  public static FuseDevice open() throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = LibC.newCallState(arena);
      int descriptor =
          (int) LibC.OPEN.invokeExact(state, arena.allocateFrom(PATH), O_RDWR | O_CLOEXEC);
      if (descriptor < 0) {
        throw new SystemCallException("open", PATH, LibC.errno(state));
      }
      return new FuseDevice(descriptor);
    } catch (SystemCallException | LinkageError e) {
      throw e;
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }

  /** Returns the descriptor's number, for the {@code fd=} option of the mount. */
  public int descriptor() {
    return descriptor;
  }

  /**
   * Waits for a request and reads it whole into the first part of {@code vector}.
   *
   * @return its length in bytes, or {@code -errno}; -ENODEV once the session is over
   */
  public int read(IoVector vector) {
    try {
      long count = (long) LibC.READV.invokeExact(vector.callState, descriptor, vector.parts, 1);
      return count < 0 ? -LibC.errno(vector.callState) : (int) count;
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }

  /**
   * Writes a reply that is made of the first {@code parts} parts of {@code vector}, whole or not at
   * all.
   *
   * @return its length in bytes, or {@code -errno}; -ENOENT when nobody waits for it any more
   */
  public int write(IoVector vector, int parts) {
    try {
      long count =
          (long) LibC.WRITEV.invokeExact(vector.callState, descriptor, vector.parts, parts);
      return count < 0 ? -LibC.errno(vector.callState) : (int) count;
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }

  /** Closes the descriptor; the kernel ends the session when it is the last one. */
  @Override
  public void close() {
    try (Arena arena = Arena.ofConfined()) {
      // Linux frees the number whatever close(2) answers, so there is nothing to do about an error.
      int ignored = (int) LibC.CLOSE.invokeExact(LibC.newCallState(arena), descriptor);
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }
}
