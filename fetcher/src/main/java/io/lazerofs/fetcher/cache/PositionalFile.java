package io.lazerofs.fetcher.cache;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that many threads read and write by position, and that survives interrupts of them.
 *
 * <p>A {@link FileChannel} is closed for all of its users when one of them is interrupted in it.
 * Readers are interrupted here as a matter of course (FUSE_INTERRUPT, cancelled fills), so an
 * operation that finds the channel closed by an interrupt opens it again, goes on, and leaves the
 * interrupt to its caller.
 */
final class PositionalFile implements AutoCloseable {
  private final Path path;
  private final CacheDirectory.Opener opener;
  private volatile @Nullable FileChannel channel;
  private volatile boolean closed;

  /**
   * Makes a file that {@link #open} opens.
   *
   * @param opener opens it, and opens it again when an interrupt closed it
   */
  PositionalFile(Path path, CacheDirectory.Opener opener) {
    this.path = path;
    this.opener = opener;
  }

  /** Opens the file for reading and writing, and makes it when missing, unless it is open. */
  synchronized void open() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (channel == null) {
      channel =
          opener.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
  }

  Path path() {
    return path;
  }

  long size() throws IOException {
    return uninterrupted(FileChannel::size);
  }

  /** Sets the length of the file; what is new is a hole. */
  void resize(long size) throws IOException {
    // A FileChannel cannot grow a file without writing to it.
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
  }

  /**
   * Fills the rest of {@code destination} from {@code position} on.
   *
   * @throws EOFException when the file ends before
   */
  void read(ByteBuffer destination, long position) throws IOException {
    long origin = position - destination.position();
    while (destination.hasRemaining()) {
      if (uninterrupted(c -> c.read(destination, origin + destination.position())) < 0) {
        throw new EOFException(
            path + " ends before " + (origin + destination.limit()) + ", at " + size());
      }
    }
  }

  /** Writes the rest of {@code source} at {@code position}. */
  void write(ByteBuffer source, long position) throws IOException {
    long origin = position - source.position();
    while (source.hasRemaining()) {
      uninterrupted(c -> c.write(source, origin + source.position()));
    }
  }

  /** Returns when everything written before is durable, with the file's length. */
  void force() throws IOException {
    uninterrupted(current -> {
      current.force(false);
      return true;
    });
  }

  /** Maps the whole file, read-only, for as long as {@code arena} lives. */
  MemorySegment map(Arena arena) throws IOException {
    return uninterrupted(c -> c.map(FileChannel.MapMode.READ_ONLY, 0, c.size(), arena));
  }

  @FunctionalInterface
  private interface Operation<T> {
    T on(FileChannel channel) throws IOException;
  }

  private <T> T uninterrupted(Operation<T> operation) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel current = channel;
        if (current == null) {
          throw new IOException(path + " is not open");
        }
        try {
          return operation.on(current);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          reopen(current, e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // whether it is this very channel that broke
  private synchronized void reopen(FileChannel broken, ClosedChannelException why)
      throws IOException {
    if (closed) {
      throw why;
    }
    if (channel == broken) {
      // A file that was deleted meanwhile is not made anew: it would be all holes.
      channel = opener.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (channel != null) {
      channel.close();
    }
  }
}
