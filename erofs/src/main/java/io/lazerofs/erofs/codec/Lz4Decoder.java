package io.lazerofs.erofs.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * Decodes raw LZ4 blocks. A block is a row of sequences, each of which is some literal bytes and
 * then a match, a copy of bytes decoded before; the last has literals only:
 *
 * <pre>{@code
 * ┌───────┬───────────────┬──────────┬────────────┬──────────────┐
 * │ token │ literal count │ literals │ offset     │ match length │
 * │ 4│4   │ 255 255 ... n │          │ 16 bits LE │ 255 255 .. n │
 * └───────┴───────────────┴──────────┴────────────┴──────────────┘
 *   the counts of literals and of match bytes - 4; 15 goes on after the token
 * }</pre>
 *
 * <p>Libraries decode whole blocks only; a pcluster may be needed in part.
 */
final class Lz4Decoder implements Decoder {
  static final Lz4Decoder INSTANCE = new Lz4Decoder();

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int MIN_MATCH = 4;

  /** A count in the token that goes on in the bytes after it. */
  private static final int EXTENDED = 15;

  /** What a copy in steps of 8 bytes may write beyond its end. */
  private static final int STRIDE = 8;

  /** Literals and short matches are copied in this many bytes, whatever their count. */
  private static final int SHORT_COPY = 16;

  /** From here on, System.arraycopy is worth its call. */
  private static final int LONG_COPY = 96;

  private Lz4Decoder() {}

  @Override
  public void decode(
      byte[] source, int start, int end, byte[] destination, int length, boolean partial)
      throws CorruptStreamException {
    Objects.checkFromToIndex(start, end, source.length);
    Objects.checkFromIndexSize(0, length, destination.length);
    int in = start;
    int out = 0;
    while (out < length) {
      if (in >= end) {
        throw CorruptStreamException.endsEarly(in - start);
      }
      int token = source[in++] & 0xff;
      int literals = token >>> 4;
      if (literals < EXTENDED && end - in >= SHORT_COPY && length - out >= SHORT_COPY) {
        LONG.set(destination, out, (long) LONG.get(source, in));
        LONG.set(destination, out + 8, (long) LONG.get(source, in + 8));
      } else {
        if (literals == EXTENDED) {
          int counted = pastCount(source, in, end, start);
          literals = extended(source, in, counted);
          in = counted;
        }
        int room = Math.min(literals, length - out);
        if (room > end - in) {
          throw CorruptStreamException.endsEarly(end - start);
        }
        System.arraycopy(source, in, destination, out, room);
        if (room == length - out) {
          endInLiterals(literals - room, length, partial);
          return;
        }
      }
      in += literals;
      out += literals;

      if (end - in < 2) {
        throw CorruptStreamException.endsEarly(end - start);
      }
      int distance = (short) SHORT.get(source, in) & 0xffff;
      if (distance == 0 || distance > out) {
        throw badDistance(distance, out, in - start);
      }
      in += 2;
      int match = token & EXTENDED;
      if (match == EXTENDED) {
        int counted = pastCount(source, in, end, start);
        match = extended(source, in, counted);
        in = counted;
      }
      match = Math.min(match + MIN_MATCH, length - out);
      copyMatch(destination, out, distance, match, length);
      out += match;
    }
    if (!partial && length > 0) {
      // A block ends in literals, so more must follow.
      throw CorruptStreamException.holdsMore(length);
    }
  }

  private static void endInLiterals(int left, int length, boolean partial)
      throws CorruptStreamException {
    if (left > 0 && !partial) {
      throw CorruptStreamException.holdsMore(length);
    }
  }

  private static CorruptStreamException badDistance(int distance, int out, int offset) {
    return CorruptStreamException.at(
        offset, "a match %d bytes back, where %d are decoded".formatted(distance, out));
  }

  /** Returns the index after the bytes of a count that begins at {@code in}. */
  private static int pastCount(byte[] source, int in, int end, int start)
      throws CorruptStreamException {
    int at = in;
    while (at < end && source[at] == (byte) 0xff) {
      at++;
    }
    if (at >= end) {
      throw CorruptStreamException.endsEarly(end - start);
    }
    return at + 1;
  }

  /** Returns a count whose bytes are {@code source[in, past)}, at most 2^31 - 1 - MIN_MATCH. */
  private static int extended(byte[] source, int in, int past) {
    long count = EXTENDED + 255L * (past - in - 1) + (source[past - 1] & 0xff);
    return (int) Math.min(count, Integer.MAX_VALUE - MIN_MATCH);
  }

  /** Copies {@code count} bytes from {@code distance} bytes back, never beyond {@code limit}. */
  private static void copyMatch(byte[] bytes, int to, int distance, int count, int limit) {
    int from = to - distance;
    if (distance >= STRIDE && limit - to >= count + SHORT_COPY) {
      if (count <= SHORT_COPY) {
        LONG.set(bytes, to, (long) LONG.get(bytes, from));
        LONG.set(bytes, to + 8, (long) LONG.get(bytes, from + 8));
      } else if (count >= LONG_COPY && distance >= count) {
        System.arraycopy(bytes, from, bytes, to, count);
      } else {
        for (int i = 0; i < count; i += STRIDE) {
          LONG.set(bytes, to + i, (long) LONG.get(bytes, from + i));
        }
      }
    } else if (distance == 1) {
      Arrays.fill(bytes, to, to + count, bytes[from]);
    } else if (count < STRIDE + SHORT_COPY) {
      for (int i = 0; i < count; i++) {
        bytes[to + i] = bytes[from + i];
      }
    } else {
      repeat(bytes, from, to, count);
    }
  }

  /** Repeats the bytes {@code [from, to)}: what is copied at once doubles each time. */
  private static void repeat(byte[] bytes, int from, int to, int count) {
    int at = to;
    int end = to + count;
    while (at < end) {
      int step = Math.min(at - from, end - at);
      System.arraycopy(bytes, from, bytes, at, step);
      at += step;
    }
  }
}
