package io.lazerofs.erofs.write;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A temporary file for {@link Tail}s: they are known long before the inodes that they lie beside,
 * and those of a large image are more than memory should hold. Not safe for use by several threads.
 */
final class TailSpool implements Closeable {
  private static final int BUFFER = 1 << 18;

  private final FileChannel channel;

  /** The end of what was put, before it is in the file; later a part of the file. */
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

  private long bufferStart;
  private boolean reading;

  private TailSpool(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Makes an empty spool.
   *
   * @param file where it is until it is closed
   */
  static TailSpool create(Path file) throws IOException {
    return new TailSpool(
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE));
  }

  /** Keeps a tail; not after the first {@link #get}. */
  Tail put(byte[] bytes, int start, int length) throws IOException {
    if (buffer.remaining() < length) {
      flush();
    }
    Tail tail = new Tail(bufferStart + buffer.position(), length);
    buffer.put(bytes, start, length);
    return tail;
  }

  /** Returns a tail; cheap when asked for in about the order in which they were put. */
  byte[] get(Tail tail) throws IOException {
    if (!reading) {
      flush();
      buffer.limit(0);
      reading = true;
    }
    if (tail.offset() < bufferStart
        || tail.offset() + tail.length() > bufferStart + buffer.limit()) {
      load(tail);
    }
    byte[] bytes = new byte[tail.length()];
    buffer.get((int) (tail.offset() - bufferStart), bytes);
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      bufferStart += channel.write(buffer, bufferStart);
    }
    buffer.clear();
  }

  private void load(Tail tail) throws IOException {
    buffer.clear();
    bufferStart = tail.offset();
    while (buffer.position() < tail.length()) {
      if (channel.read(buffer, bufferStart + buffer.position()) < 0) {
        throw new EOFException("the temporary file of tails was cut");
      }
    }
    buffer.flip();
  }
}
