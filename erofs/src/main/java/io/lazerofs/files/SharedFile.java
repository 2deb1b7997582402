package io.lazerofs.files;

import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.LibC;
import io.lazerofs.sys.OpenFlag;
import io.lazerofs.sys.SystemCallException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A file that many threads read by position at once, each with one pread(2) and no object made.
 *
 * <p>Interrupts do not concern it: a read that has begun ends with its bytes or a failure of the
 * disk.
 */
public final class SharedFile implements AutoCloseable {
  /*
   * A read holds one of the seats. A seat has memory for the errno of its call, and as long as any
   * is held the descriptor stays open: close(2) under a pread(2) would let the kernel give the
   * number to another file, whose bytes the reader would get. Threads begin their search at
   * different seats, which are a cache line apart, so that readers do not meet in one; close()
   * takes all of them and keeps them.
   */
  private static final int SEATS = 32;
  private static final int LINE_BYTES = 64;
  private static final int LINE_INTS = LINE_BYTES / Integer.BYTES;

  private static final int INTERRUPTED = 4; // EINTR

  private final Descriptor descriptor;
  private final String path;
  private final AtomicIntegerArray seats = new AtomicIntegerArray(SEATS * LINE_INTS);
  private final MemorySegment[] states = new MemorySegment[SEATS];
  private volatile boolean closed;

  private SharedFile(Descriptor descriptor, String path) {
    this.descriptor = descriptor;
    this.path = path;
    Arena arena = Arena.ofAuto();
    MemorySegment memory = arena.allocate((long) SEATS * LINE_BYTES, LINE_BYTES);
    for (int seat = 0; seat < SEATS; seat++) {
      states[seat] = memory.asSlice((long) seat * LINE_BYTES, LINE_BYTES);
    }
  }

  /**
   * Opens a file for reading; the caller closes it.
   *
   * @throws SystemCallException when it does not exist or may not be read
   */
  public static SharedFile open(Path path) throws SystemCallException {
    return open(path, 0);
  }

  /**
   * Opens a file for reading.
   *
   * @param flags of {@link OpenFlag}, besides that for reading
   */
  static SharedFile open(Path path, int flags) throws SystemCallException {
    int all = OpenFlag.READ_ONLY | flags;
    return new SharedFile(
        Descriptor.open(Descriptor.WORKING_DIRECTORY, PathBytes.of(path), all, 0, path::toString),
        Printable.of(PathBytes.of(path)));
  }

  Descriptor descriptor() {
    return descriptor;
  }

  String path() {
    return path;
  }

  /**
   * Fills the {@code length} bytes of {@code to} from {@code at} on.
   *
   * @param position where in the file, bytes from its start
   * @param to native memory, which the caller keeps alive
   * @throws EOFException when the file ends before
   * @throws SystemCallException when the disk fails; what {@code to} holds then is undefined
   * @throws IOException when this is closed
   */
  public void read(long position, MemorySegment to, long at, long length) throws IOException {
    for (long done = 0; done < length; ) {
      long count = readSome(position + done, to, at + done, length - done);
      if (count == 0) {
        throw new EOFException(
            "%s ends before %d, at %d".formatted(path, position + length, position + done));
      }
      done += count;
    }
  }

  /** Reads as {@link #read} does, but once: fewer bytes may come, and none at the file's end. */
  long readSome(long position, MemorySegment to, long at, long length) throws IOException {
    Objects.checkFromIndexSize(at, length, to.byteSize());
    if (!to.isNative() || to.isReadOnly()) {
      throw new IllegalArgumentException("not native memory to write to: " + to);
    }
    int seat = take();
    try {
      return call(states[seat], to.address() + at, length, position);
    } finally {
      seats.setRelease(seat * LINE_INTS, 0);
      Reference.reachabilityFence(to);
    }
  }

  private long call(MemorySegment state, long address, long length, long position)
      throws SystemCallException {
    while (true) {
      long count;
      try {
        count =
            (long)
                Calls.PREAD_AT.invokeExact(state, descriptor.number(), address, length, position);
      } catch (Throwable t) {
        throw LibC.unexpected(t);
      }
      if (count >= 0) {
        return count;
      }
      if (LibC.errno(state) != INTERRUPTED) {
        throw LibC.failure("pread", path + " at " + position, state);
      }
    }
  }

  private int take() throws IOException {
    int seat = (int) Thread.currentThread().threadId();
    while (true) {
      seat &= SEATS - 1;
      if (closed) {
        throw new IOException(path + " is closed");
      }
      if (seats.compareAndSet(seat * LINE_INTS, 0, 1)) {
        return seat;
      }
      Thread.onSpinWait();
      seat++;
    }
  }

  /** Waits for the reads that have begun, which wait for nothing but the disk, and closes. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (int seat = 0; seat < SEATS; seat++) {
      while (!seats.compareAndSet(seat * LINE_INTS, 0, 1)) {
        Thread.yield();
      }
    }
    descriptor.close();
  }
}
