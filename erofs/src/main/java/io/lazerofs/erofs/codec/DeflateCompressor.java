package io.lazerofs.erofs.codec;

import java.util.zip.Deflater;

/** Makes raw DEFLATE streams with zlib, the one that the JDK at hand comes with. */
final class DeflateCompressor implements SearchingEncoder.Compressor {
  private final Deflater deflater;

  /**
   * @param level 1 to 9
   */
  DeflateCompressor(int level) {
    deflater = new Deflater(level, true);
  }

  /** zlib's deflateBound() for any settings, rounded up. */
  @Override
  public int bound(int length) {
    return Math.addExact(length, (length >>> 3) + (length >>> 6) + 64);
  }

  @Override
  public int compress(byte[] input, int start, int length, byte[] output) {
    deflater.reset();
    deflater.setInput(input, start, length);
    deflater.finish();
    int size = deflater.deflate(output);
    if (!deflater.finished()) {
      throw new IllegalStateException("zlib went beyond its own bound");
    }
    return size;
  }

  @Override
  public void close() {
    deflater.end();
  }
}
