package io.lazerofs.erofs.codec;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decodes raw DEFLATE streams, RFC 1951. */
final class DeflateDecoder implements Decoder {
  static final DeflateDecoder INSTANCE = new DeflateDecoder();

  private final Pool<Inflater> inflaters = new Pool<>(() -> new Inflater(true), Inflater::end);

  private DeflateDecoder() {}

  @Override
  public void decode(
      byte[] source, int start, int end, byte[] destination, int length, boolean partial)
      throws CorruptStreamException {
    Objects.checkFromIndexSize(0, length, destination.length);
    decode(source, start, end, ByteBuffer.wrap(destination, 0, length), partial);
  }

  @Override
  public void decode(byte[] source, int start, int end, ByteBuffer destination, boolean partial)
      throws CorruptStreamException {
    Objects.checkFromToIndex(start, end, source.length);
    int length = destination.remaining();
    Inflater inflater = inflaters.take();
    try {
      inflater.setInput(source, start, end - start);
      inflate(inflater, destination);
      if (!partial) {
        checkEnd(inflater, length);
      }
    } catch (DataFormatException e) {
      String reason = e.getMessage();
      throw CorruptStreamException.at(
          (int) inflater.getBytesRead(), reason == null ? "no DEFLATE stream" : reason);
    } finally {
      inflater.reset();
      inflaters.give(inflater);
    }
  }

  private static void inflate(Inflater inflater, ByteBuffer destination)
      throws DataFormatException, CorruptStreamException {
    int length = destination.remaining();
    while (destination.hasRemaining()) {
      int count = inflater.inflate(destination);
      int out = length - destination.remaining();
      if (count == 0) {
        throw inflater.finished()
            ? CorruptStreamException.holdsLess(out, length)
            : CorruptStreamException.endsEarly((int) inflater.getBytesRead());
      }
    }
  }

  /** The code that ends a stream has no output, so it may not have been read yet. */
  private static void checkEnd(Inflater inflater, int length)
      throws DataFormatException, CorruptStreamException {
    if (!inflater.finished() && inflater.inflate(new byte[1]) > 0) {
      throw CorruptStreamException.holdsMore(length);
    }
    if (!inflater.finished()) {
      throw CorruptStreamException.endsEarly((int) inflater.getBytesRead());
    }
  }
}
