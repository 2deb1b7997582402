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
 * An image file while it is written from the block behind the superblock to its end; what is before
 * comes last. Sums up all that it writes. Not safe for use by several threads.
 */
final class BlockOutput implements Closeable {
  /** Block addresses have 32 bits, and the last one means a hole. */
  private static final long MAX_BLOCKS = 0xffff_ffffL;

  private static final int BUFFER = 1 << 20;

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private final CRC32C sum = new CRC32C();
  private final int blockBits;
  private long flushed;

  /**
   * @param channel empty, writable; closed with this
   * @param headBytes whole blocks at the start that are written last
   */
  BlockOutput(FileChannel channel, int blockBits, int headBytes) {
    this.channel = channel;
    this.blockBits = blockBits;
    flushed = headBytes;
  }

  int blockBits() {
    return blockBits;
  }

  /** Returns the number of blocks that bytes take. */
  int blocks(int bytes) {
    return (bytes + (1 << blockBits) - 1) >> blockBits;
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
    long block = position() >> blockBits;
    if (block >= MAX_BLOCKS) {
      throw new IOException(
          "the image has over " + MAX_BLOCKS + " blocks, which its addresses cannot express");
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
    zeros(-position() & (1 << blockBits) - 1);
  }

  /** Writes the blocks at the start and everything that is still held back. */
  void finish(byte[] head) throws IOException {
    flush();
    ByteBuffer first = ByteBuffer.wrap(head);
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
