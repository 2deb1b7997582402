package io.lazerofs.erofs.codec;

import io.lazerofs.erofs.disk.Algorithm;
import java.nio.ByteBuffer;

/** Undoes one algorithm. Safe for use by many threads at once. */
public sealed interface Decoder permits Lz4Decoder, LzmaDecoder, DeflateDecoder, ZstdDecoder {
  /**
   * Decodes the first {@code length} bytes of a stream into {@code destination[0, length)}; nothing
   * else of the destination is touched.
   *
   * @param source holds the stream in {@code [start, end)}: its first byte is at {@code start}, so
   *     the caller has passed over the zeros before it; what follows the end of the stream is
   *     ignored, as images from before the Linux 5.3 format have their padding there
   * @param partial whether the stream may hold more than {@code length} bytes; if not, one that
   *     does is an error
   * @throws CorruptStreamException when it is no stream of the algorithm, ends early, or refers to
   *     bytes before its start; what {@code destination[0, length)} holds is then undefined
   * @throws IndexOutOfBoundsException when a range is not inside its array
   */
  void decode(byte[] source, int start, int end, byte[] destination, int length, boolean partial)
      throws CorruptStreamException;

  /**
   * Decodes the first bytes of a stream as {@link #decode(byte[], int, int, byte[], int, boolean)}
   * does, as many as {@code destination} has room for.
   *
   * @param destination filled from its position to its limit, which is then the position; nobody
   *     else frees its memory meanwhile
   */
  default void decode(byte[] source, int start, int end, ByteBuffer destination, boolean partial)
      throws CorruptStreamException {
    int length = destination.remaining();
    if (destination.hasArray() && destination.arrayOffset() + destination.position() == 0) {
      decode(source, start, end, destination.array(), length, partial);
      destination.position(destination.limit());
    } else {
      byte[] content = new byte[length];
      decode(source, start, end, content, length, partial);
      destination.put(content);
    }
  }

  /** Returns the decoder of an algorithm: the same one for all, it keeps what it can use again. */
  static Decoder of(Algorithm algorithm) {
    return switch (algorithm) {
      case LZ4 -> Lz4Decoder.INSTANCE;
      case LZMA -> LzmaDecoder.INSTANCE;
      case DEFLATE -> DeflateDecoder.INSTANCE;
      case ZSTD -> ZstdDecoder.INSTANCE;
    };
  }
}
