package io.lazerofs.erofs.codec;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4JNIFastResetCompressor;
import net.jpountz.lz4.LZ4JNIHCFastResetCompressor;

/**
 * An LZ4 compressor of the native library with room for its output. The library's code in Java
 * compresses to other bytes, so it does not step in where there is no native library.
 */
final class Lz4Block implements AutoCloseable {
  /** How much more to try than what should do, going by what was tried before. */
  private static final double MARGIN = 1.08;

  /** And bytes, for when next to nothing was tried before. */
  private static final int SLACK = 64;

  private final LZ4Compressor compressor;
  private final Runnable freer;
  private byte[] block = {};
  private int size;

  private Lz4Block(LZ4Compressor compressor, Runnable freer) {
    this.compressor = compressor;
    this.freer = freer;
  }

  static Lz4Block fast() {
    LZ4JNIFastResetCompressor compressor = LZ4Factory.nativeInstance().fastResetCompressor();
    return new Lz4Block(compressor, compressor::close);
  }

  /**
   * @param level 1 to 12
   */
  static Lz4Block high(int level) {
    LZ4JNIHCFastResetCompressor compressor =
        LZ4Factory.nativeInstance().highFastResetCompressor(level);
    return new Lz4Block(compressor, compressor::close);
  }

  /**
   * Compresses {@code input[start, start + length)} for a length at which the block has more than
   * {@code target} bytes, or for all that is available if it never has.
   *
   * @param guess the length tried first, bytes
   * @return the length
   */
  int compressPast(double target, byte[] input, int start, int available, double guess) {
    int length = (int) Math.min(available, guess + 1);
    while (compress(input, start, length) <= target && length < available) {
      length = (int) Math.min(available, length * target / size * MARGIN + SLACK);
    }
    return length;
  }

  private int compress(byte[] input, int start, int length) {
    int most = compressor.maxCompressedLength(length);
    if (block.length < most) {
      block = new byte[most];
    }
    size = compressor.compress(input, start, length, block, 0, block.length);
    return size;
  }

  /** Returns the size of the block that was made last. */
  int size() {
    return size;
  }

  /** Returns the sequences of the block that was made last. */
  Lz4Sequences sequences() {
    return new Lz4Sequences(block, size);
  }

  /** Copies the block that was made last. */
  void copyTo(byte[] output) {
    System.arraycopy(block, 0, output, 0, size);
  }

  @Override
  public void close() {
    freer.run();
  }
}
