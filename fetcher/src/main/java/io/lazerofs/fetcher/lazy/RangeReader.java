package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.WrongBytesException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads ranges of one blob from where it is kept: a registry, a mirror, a directory.
 *
 * <p>Implementations are safe for use by many threads at once and may block; they are called on
 * virtual threads. An interrupt of the calling thread ends a read early with an {@link
 * IOException}.
 */
@FunctionalInterface
public interface RangeReader {

  /**
   * Reads exactly {@code [offset, offset + length)} and hands it over in order, in pieces of any
   * size.
   *
   * @param offset the first byte, from 0
   * @param length the number of bytes, at least 1; the range lies within the blob
   * @param sink takes the pieces, on the calling thread
   * @throws IOException when some byte could not be had, or what {@code sink} throws; the pieces
   *     handed over before that are as good as if the read had succeeded
   */
  void read(long offset, long length, Sink sink) throws IOException;

  /** Takes the bytes of one range, piece by piece and in order. */
  @FunctionalInterface
  interface Sink {

    /**
     * Takes the next bytes of the range.
     *
     * @param piece the bytes from its position to its limit; valid during the call only
     * @throws WrongBytesException when bytes taken by this call or before are not the right ones:
     *     the sink goes back to the exception's offset, and a reader that knows another source may
     *     go on with the bytes from there; one that does not throws it on
     * @throws IOException when the bytes cannot be taken; the reader gives up then and throws it on
     */
    void accept(ByteBuffer piece) throws IOException;
  }
}
