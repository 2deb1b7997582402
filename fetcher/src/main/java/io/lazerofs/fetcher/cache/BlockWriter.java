package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/**
 * Takes the bytes of one range of a blob, in order, and makes them present block by block.
 *
 * <p>Bytes gather in a buffer of its own, of one step, and reach the data file as whole blocks
 * only; the last block of a blob may be shorter. Each step of the blob, at its natural alignment,
 * is present as soon as its last byte is taken; steps begin anew where the blob's hash tree does.
 * Blocks that are present already are passed over. A writer is used by the thread that made it.
 */
public final class BlockWriter implements AutoCloseable {
  private final CachedBlob blob;
  private final long start;
  private final long end;
  private final Arena arena = Arena.ofConfined();
  private final ByteBuffer buffer;
  private final BlockVerifier verifier;
  private final CrashPoint.Hook crash;
  private long presentEnd;

  BlockWriter(
      CachedBlob blob,
      long start,
      long end,
      int stepBytes,
      BlockVerifier verifier,
      CrashPoint.Hook crash) {
    this.blob = blob;
    this.verifier = verifier;
    this.crash = crash;
    this.start = start;
    this.end = end;
    this.buffer = arena.allocate(stepBytes).asByteBuffer();
    beginBuffer(start);
  }

  /**
   * Takes the next bytes.
   *
   * @throws WrongLengthException when they are more than the range has left; none is taken then
   * @throws WrongBytesException when a block of what came is wrong: the writer goes back to it, and
   *     takes the bytes from there on next
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
    long tree = blob.treeOffset();
    long stepEnd =
        offset < tree
            ? Math.min(tree, offset - offset % stepBytes + stepBytes)
            : offset - (offset - tree) % stepBytes + stepBytes;
    buffer.clear().limit((int) (Math.min(stepEnd, end) - offset));
  }

  private void flush() throws IOException {
    long from = presentEnd;
    int bytes = received() == end ? buffer.position() : buffer.position() & -CachedBlob.BLOCK_BYTES;
    ByteBuffer whole = buffer.slice(0, bytes);
    crash.reached(CrashPoint.STEP_TAKEN);
    try {
      blob.store(from, whole, verifier);
    } catch (WrongBytesException e) {
      beginBuffer(e.offset());
      crash.reached(CrashPoint.STEP_REFUSED);
      throw e;
    } catch (IOException | RuntimeException e) {
      beginBuffer(from);
      throw e;
    }
    beginBuffer(from + bytes);
    crash.reached(CrashPoint.STEP_STORED);
  }

  /** Makes present what came in whole blocks, also when the range is not whole. */
  @Override
  public void close() throws IOException {
    try (arena) {
      crash.reached(CrashPoint.WRITER_CLOSING);
      if (buffer.position() > 0) {
        flush();
      }
      crash.reached(CrashPoint.WRITER_CLOSED);
    }
  }
}
