package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/**
 * Takes the bytes of one range of a blob, in order, and makes them present block by block.
 *
 * <p>Bytes gather in a buffer of its own, of one step, and reach the data file as whole blocks
 * only; the last block of a blob may be shorter. Each step of the blob, at its natural alignment,
 * is present as soon as its last byte is taken. Blocks that are present already are passed over. A
 * writer is used by the thread that made it.
 */
public final class BlockWriter implements AutoCloseable {
  private final CachedBlob blob;
  private final long start;
  private final long end;
  private final Arena arena = Arena.ofConfined();
  private final ByteBuffer buffer;
  private long presentEnd;

  BlockWriter(CachedBlob blob, long start, long end, int stepBytes) {
    this.blob = blob;
    this.start = start;
    this.end = end;
    this.buffer = arena.allocate(stepBytes).asByteBuffer();
    beginBuffer(start);
  }

  /**
   * Takes the next bytes.
   *
   * @throws WrongLengthException when they are more than the range has left; none is taken then
   * @throws IOException when they cannot be written; they stay absent
   */
  public void write(ByteBuffer piece) throws IOException {
    if (piece.remaining() > end - received()) {
      throw new WrongLengthException(
          blob.digest(), start, end - start, received() - start + piece.remaining());
    }
    while (piece.hasRemaining()) {
      int length = Math.min(piece.remaining(), buffer.remaining());
      buffer.put(piece.slice(piece.position(), length));
      piece.position(piece.position() + length);
      if (!buffer.hasRemaining()) {
        flush();
      }
    }
  }

  /** Returns the end of what is present of the range by now: all of it before this offset. */
  public long presentEnd() {
    return presentEnd;
  }

  /**
   * Says that no more bytes come.
   *
   * @throws WrongLengthException when the range is not whole
   */
  public void finish() throws WrongLengthException {
    if (received() != end) {
      throw new WrongLengthException(blob.digest(), start, end - start, received() - start);
    }
  }

  private long received() {
    return presentEnd + buffer.position();
  }

  /** Ends the buffer where the blob's next step begins, or the range ends. */
  private void beginBuffer(long offset) {
    presentEnd = offset;
    long stepBytes = buffer.capacity();
    buffer.clear().limit((int) Math.min(stepBytes - offset % stepBytes, end - offset));
  }

  private void flush() throws IOException {
    long from = presentEnd;
    int bytes = received() == end ? buffer.position() : buffer.position() & -CachedBlob.BLOCK_BYTES;
    ByteBuffer whole = buffer.slice(0, bytes);
    buffer.position(0);
    blob.store(from, whole);
    beginBuffer(from + bytes);
  }

  /** Makes present what came in whole blocks, also when the range is not whole. */
  @Override
  public void close() throws IOException {
    try (arena) {
      flush();
    }
  }
}
