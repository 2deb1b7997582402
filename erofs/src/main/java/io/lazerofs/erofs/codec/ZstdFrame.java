package io.lazerofs.erofs.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The header of a Zstandard frame, RFC 8878 section 3.1.1.1, as far as the kernel's limits need it.
 *
 * @param content bytes that the frame says it holds, {@link #UNKNOWN} if it does not say; unsigned
 *     64-bit values beyond the signed ones are negative
 */
record ZstdFrame(long content) {
  static final long UNKNOWN = -1;

  /** log2 of the largest window that the kernel decodes: Z_EROFS_ZSTD_MAX_DICT_SIZE, 1 MiB. */
  static final int MAX_WINDOW_LOG = 20;

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int MAGIC = 0xfd2fb528;
  private static final int DESCRIPTOR = 4;
  private static final int SINGLE_SEGMENT = 1 << 5;
  private static final int DICTIONARY_ID = 3;
  private static final int TWO_BYTE_CONTENT_BIAS = 256;
  private static final int MIN_WINDOW_LOG = 10;

  /**
   * Reads the header at {@code start}.
   *
   * @throws CorruptStreamException when it is none, or one that the kernel would not decode
   */
  static ZstdFrame at(byte[] source, int start, int end) throws CorruptStreamException {
    MemorySegment frame = MemorySegment.ofArray(source).asSlice(start, end - start);
    try {
      if (frame.get(U32, 0) != MAGIC) {
        throw CorruptStreamException.at(0, "no Zstandard frame");
      }
      int descriptor = frame.get(ValueLayout.JAVA_BYTE, DESCRIPTOR) & 0xff;
      if ((descriptor & DICTIONARY_ID) != 0) {
        throw CorruptStreamException.at(DESCRIPTOR, "a Zstandard frame that needs a dictionary");
      }
      boolean single = (descriptor & SINGLE_SEGMENT) != 0;
      int sizeAt = single ? DESCRIPTOR + 1 : DESCRIPTOR + 2;
      long content = content(frame, sizeAt, descriptor >>> 6, single);
      long window = single ? content : window(frame.get(ValueLayout.JAVA_BYTE, DESCRIPTOR + 1));
      if (Long.compareUnsigned(window, 1L << MAX_WINDOW_LOG) > 0) {
        throw CorruptStreamException.at(
            DESCRIPTOR + 1,
            "a Zstandard window of %s bytes".formatted(Long.toUnsignedString(window)));
      }
      return new ZstdFrame(content);
    } catch (IndexOutOfBoundsException e) {
      throw CorruptStreamException.endsEarly(end - start);
    }
  }

  private static long content(MemorySegment frame, int at, int code, boolean single) {
    return switch (code) {
      case 0 -> single ? frame.get(ValueLayout.JAVA_BYTE, at) & 0xff : UNKNOWN;
      case 1 -> (frame.get(U16, at) & 0xffff) + TWO_BYTE_CONTENT_BIAS;
      case 2 -> frame.get(U32, at) & 0xffff_ffffL;
      default -> frame.get(U64, at);
    };
  }

  /** Returns the bytes of a window descriptor: a power of two and eighths of it. */
  private static long window(byte descriptor) {
    long base = 1L << (MIN_WINDOW_LOG + ((descriptor & 0xff) >>> 3));
    return base + base / 8 * (descriptor & 7);
  }

  /** Returns whether the frame says that it holds just {@code length} bytes. */
  boolean holds(int length) {
    return content == length;
  }
}
