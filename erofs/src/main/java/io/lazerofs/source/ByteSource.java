package io.lazerofs.source;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The content of a blob: a fixed number of bytes, each of them present on this machine or absent.
 *
 * <p>Implementations are safe for use by many threads at once. Ranges are in bytes; a range that is
 * not wholly within {@code [0, size())} is a programming error and throws {@link
 * IndexOutOfBoundsException}: callers check untrusted ranges against {@link #size()} first.
 */
public interface ByteSource extends AutoCloseable {

  /** Returns the number of bytes of this source; it never changes. */
  long size();

  /**
   * Fills the whole of {@code destination} with the bytes from {@code offset} on, without waiting
   * for anything but the local disk.
   *
   * @param offset the first byte to read, from 0
   * @param destination memory of the caller, written only when the call succeeds or fails, never
   *     after it returns
   * @throws AbsentException when some byte of the range is not on this machine; names the range to
   *     {@link #fill}
   * @throws IOException when the bytes cannot be read; what {@code destination} holds then is
   *     undefined
   */
  void read(long offset, MemorySegment destination) throws IOException;

  /**
   * Brings a range onto this machine and returns when all of it is present, waiting as long as that
   * takes. Returns at once when it is present already. The range may become absent again later,
   * when a cache evicts it.
   *
   * @throws IOException when some byte could not be had; it stays absent, and a later call tries
   *     again
   */
  void fill(long offset, long length) throws IOException;

  /**
   * Reads as {@link #read(long, MemorySegment)} does, into the {@code length} bytes of {@code
   * destination} from {@code at} on. A source that data is served from makes no object for it.
   */
  default void read(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    read(offset, destination.asSlice(at, length));
  }

  /**
   * Reads as {@link #read(long, MemorySegment, long, long)} does, past the page cache where the
   * source has a file whose file system can do that.
   */
  default void readFromDevice(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    read(offset, destination, at, length);
  }

  /**
   * Asks for a range to be brought in, and returns without waiting for it. What comes of it is not
   * told: a {@link #fill} of the same range joins it or tries again.
   */
  default void prefetch(long offset, long length) {
    // Where all bytes are present there is nothing to bring.
  }

  /**
   * Returns read-only memory that holds all of this source, byte for byte, or {@link
   * MemorySegment#NULL} when there is none now; then the reads are the way. The memory is the
   * source's own, to be asked for anew by each read: it is valid until that read's end, or until
   * {@link #close} where a source takes none of it back before.
   */
  default MemorySegment memory() {
    return MemorySegment.NULL;
  }

  /** Releases what the source holds. Reads that are under way finish or fail with an exception. */
  @Override
  void close() throws IOException;
}
