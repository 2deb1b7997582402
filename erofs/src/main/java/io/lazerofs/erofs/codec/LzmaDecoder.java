package io.lazerofs.erofs.codec;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.tukaani.xz.LZMAInputStream;

/**
 * Decodes MicroLZMA: raw LZMA whose first byte, always 0, holds the inverted properties instead. It
 * has no end marker and does not tell its length.
 */
final class LzmaDecoder implements Decoder {
  static final LzmaDecoder INSTANCE = new LzmaDecoder();

  /** The largest dictionary of EROFS: Z_EROFS_LZMA_MAX_DICT_SIZE in fs/erofs/erofs_fs.h. */
  static final int MAX_DICTIONARY = 8 << 20;

  private static final int LITERAL_CONTEXT_STATES = 9;
  private static final int LITERAL_POSITION_STATES = 5;
  private static final int MAX_PROPERTIES = (4 * 5 + 4) * 9 + 8;

  /** What the kernel allows for literal context and position bits together (lib/xz). */
  private static final int MAX_LITERAL_BITS = 4;

  private static final long UNKNOWN_LENGTH = -1;

  private LzmaDecoder() {}

  @Override
  public void decode(
      byte[] source, int start, int end, byte[] destination, int length, boolean partial)
      throws CorruptStreamException {
    Objects.checkFromToIndex(start, end, source.length);
    Objects.checkFromIndexSize(0, length, destination.length);
    if (length == 0) {
      return;
    }
    if (start == end) {
      throw CorruptStreamException.endsEarly(0);
    }
    Bytes bytes = new Bytes(source, start, end);
    // Of a stream whose length is known, the reader wants to see the end.
    long known = partial ? UNKNOWN_LENGTH : length;
    int dictionary = Math.min(length, MAX_DICTIONARY);
    try (LZMAInputStream in =
        new LZMAInputStream(bytes, known, properties(source[start]), dictionary)) {
      int count = Math.max(in.read(destination, 0, length), 0);
      if (count < length) {
        throw CorruptStreamException.holdsLess(count, length);
      }
    } catch (CorruptStreamException e) {
      throw e;
    } catch (EOFException e) {
      throw CorruptStreamException.endsEarly(bytes.at - start);
    } catch (IOException e) {
      throw CorruptStreamException.at(bytes.at - start, "no LZMA stream of the length expected");
    }
  }

  private static byte properties(byte first) throws CorruptStreamException {
    int properties = ~first & 0xff;
    int contextBits = properties % LITERAL_CONTEXT_STATES;
    int positionBits = properties / LITERAL_CONTEXT_STATES % LITERAL_POSITION_STATES;
    if (properties > MAX_PROPERTIES || contextBits + positionBits > MAX_LITERAL_BITS) {
      throw CorruptStreamException.at(0, "bad LZMA properties 0x%02x".formatted(properties));
    }
    return (byte) properties;
  }

  /** The stream as raw LZMA; unlike ByteArrayInputStream it takes no lock for each byte. */
  private static final class Bytes extends InputStream {
    private final byte[] source;
    private final int start;
    private final int end;
    private int at;

    private Bytes(byte[] source, int start, int end) {
      this.source = source;
      this.start = start;
      this.end = end;
      at = start;
    }

    @Override
    public int read() {
      if (at == end) {
        return -1;
      }
      int value = at == start ? 0 : source[at] & 0xff;
      at++;
      return value;
    }
  }
}
