package io.lazerofs.erofs.codec;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.tukaani.xz.ArrayCache;
import org.tukaani.xz.BasicArrayCache;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.UnsupportedOptionsException;

/** Makes MicroLZMA streams: {@link LzmaDecoder} says what they are. */
final class LzmaCompressor implements SearchingEncoder.Compressor {
  private static final int MIN_BOUND = 64;

  /** Keeps the tables of the match finder for the next stream. */
  private final ArrayCache arrays = new BasicArrayCache();

  private final LZMA2Options options;

  /**
   * @param level 0 to 9
   * @param dictionary bytes
   */
  LzmaCompressor(int level, int dictionary) {
    try {
      options = new LZMA2Options(level);
      options.setDictSize(dictionary);
    } catch (UnsupportedOptionsException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * Content that does not shrink takes 9 bits a literal byte at first, a little more than 8 then.
   */
  @Override
  public int bound(int length) {
    return Math.addExact(length, length / 8 + MIN_BOUND);
  }

  @Override
  public int compress(byte[] input, int start, int length, byte[] output) {
    Sink sink = new Sink(output);
    try (LZMAOutputStream out = new LZMAOutputStream(sink, options, false, arrays)) {
      out.write(input, start, length);
      out.finish();
      output[0] = (byte) ~out.getProps();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return sink.size;
  }

  @Override
  public void close() {
    // All memory is the heap's.
  }

  /** An array as a stream. */
  private static final class Sink extends OutputStream {
    private final byte[] bytes;
    private int size;

    private Sink(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void write(int value) {
      bytes[size++] = (byte) value;
    }

    @Override
    public void write(byte[] from, int start, int length) {
      System.arraycopy(from, start, bytes, size, length);
      size += length;
    }
  }
}
