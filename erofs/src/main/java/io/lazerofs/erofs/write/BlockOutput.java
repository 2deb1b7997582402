package io.lazerofs.erofs.write;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * An image file while it is written from block 1 to its end; block 0 comes last. Sums up all that
 * it writes. Not safe for use by several threads.
 */
final class BlockOutput implements Closeable {
  static final int BLOCK_BITS = 12;
  static final int BLOCK = 1 << BLOCK_BITS;

  /** Block addresses have 32 bits, and the last one means a hole. */
  private static final long MAX_BLOCKS = 0xffff_ffffL;

  private static final int BUFFER = 1 << 20;

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private final CRC32C sum = new CRC32C();
  private long flushed = BLOCK;

  /**
   * @param channel empty, writable; closed with this
   */
  BlockOutput(FileChannel channel) {
    this.channel = channel;
  }

  /** Returns how many bytes the image has so far. */
  long position() {
    return flushed + buffer.position();
  }

  /**
   * Returns the block that is written next, at its first byte.
   *
   * @throws IOException when the image is as large as the format allows
   */
  long block() throws IOException {
    long block = position() >> BLOCK_BITS;
    if (block >= MAX_BLOCKS) {
      throw new IOException("the image is over 16 TiB, which its block addresses cannot express");
    }
    return block;
  }

  /** Returns the CRC-32C of everything written. */
  long sum() throws IOException {
    flush();
    return sum.getValue();
  }

  /**
   * Copies the next {@code length} bytes of a stream.
   *
   * @throws EOFException when it ends before
   */
  void transfer(InputStream in, long length) throws IOException {
    for (long left = length; left > 0; ) {
      int wanted = (int) Math.min(left, room());
      int count = in.read(buffer.array(), buffer.position(), wanted);
      if (count < 0) {
        throw new EOFException(left + " more bytes of content were due");
      }
      buffer.position(buffer.position() + count);
      left -= count;
    }
  }

  void write(byte[] bytes, int start, int length) throws IOException {
    for (int done = 0; done < length; ) {
      int count = Math.min(length - done, room());
      buffer.put(bytes, start + done, count);
      done += count;
    }
  }

  void zeros(long length) throws IOException {
    for (long left = length; left > 0; ) {
      int count = (int) Math.min(left, room());
      int from = buffer.position();
      Arrays.fill(buffer.array(), from, from + count, (byte) 0);
      buffer.position(from + count);
      left -= count;
    }
  }

  /** Writes zeros up to the next block, if one has begun. */
  void pad() throws IOException {
    zeros(-position() & BLOCK - 1);
  }

  /** Writes block 0 and everything that is still held back. */
  void finish(byte[] firstBlock) throws IOException {
    flush();
    ByteBuffer first = ByteBuffer.wrap(firstBlock);
    while (first.hasRemaining()) {
      channel.write(first, first.position());
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private int room() throws IOException {
    if (!buffer.hasRemaining()) {
      flush();
    }
    return buffer.remaining();
  }

  private void flush() throws IOException {
    buffer.flip();
    sum.update(buffer.duplicate());
    while (buffer.hasRemaining()) {
      flushed += channel.write(buffer, flushed);
    }
    buffer.clear();
  }
}
