package io.lazerofs.erofs.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

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
 * <p>The C library is faster, but decodes whole blocks only, and a pcluster may be needed in part.
 * It also does not say what is wrong with a block, so those that it refuses are decoded here again.
 * A match at distance 0, which no good block has, stands for zeros, as the library takes it.
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

  private static final int EXTENSION = 255;
  private static final int OFFSET_BYTES = 2;

  /** Counts that fit the token are copied in this many bytes, whatever they are. */
  private static final int SHORT_LITERALS = 16;

  private static final int SHORT_MATCH = 24;

  /** What a copy in steps of 8 or 16 bytes may write beyond its end. */
  private static final int STRIDE = 16;

  /** From here on, System.arraycopy is worth its call. */
  private static final int LONG_COPY = 256;

  /** What the fast loop reads between two looks at the end: a token, literals, an offset. */
  private static final int FAST_INPUT = 1 + SHORT_LITERALS + OFFSET_BYTES;

  /** What it writes between two looks at the end. */
  private static final int FAST_OUTPUT = SHORT_LITERALS + SHORT_MATCH;

  private final LZ4SafeDecompressor library = LZ4Factory.fastestInstance().safeDecompressor();

  private Lz4Decoder() {}

  @Override
  public void decode(
      byte[] source, int start, int end, byte[] destination, int length, boolean partial)
      throws CorruptStreamException {
    Objects.checkFromToIndex(start, end, source.length);
    Objects.checkFromIndexSize(0, length, destination.length);
    if (!partial
        && length > 0
        && decodeBlock(source, start, end, ByteBuffer.wrap(destination, 0, length))) {
      return;
    }
    long reached = decodeFast(source, start, end, destination, length);
    int in = (int) (reached >>> Integer.SIZE);
    decodeRest(source, start, in, end, destination, (int) reached, length, partial);
  }

  @Override
  public void decode(byte[] source, int start, int end, ByteBuffer destination, boolean partial)
      throws CorruptStreamException {
    Objects.checkFromToIndex(start, end, source.length);
    if (!partial && destination.isDirect() && decodeBlock(source, start, end, destination)) {
      destination.position(destination.limit());
    } else {
      Decoder.super.decode(source, start, end, destination, partial);
    }
  }

  /** Decodes a whole block with the library; returns false if it is none or of another length. */
  private boolean decodeBlock(byte[] source, int start, int end, ByteBuffer destination) {
    int length = destination.remaining();
    try {
      int count =
          library.decompress(
              ByteBuffer.wrap(source),
              start,
              end - start,
              destination,
              destination.position(),
              length);
      return count == length;
    } catch (LZ4Exception e) {
      return false;
    }
  }

  /**
   * Decodes the sequences that are far from both ends, and stops before the first that is not or
   * that is wrong. Far from the ends a copy may write more than it has to, which the next one
   * writes over.
   *
   * @return where to go on: the index in {@code source} in the upper 32 bits, that in {@code
   *     destination} in the lower ones
   */
  private static long decodeFast(
      byte[] source, int start, int end, byte[] destination, int length) {
    int lastIn = end - FAST_INPUT;
    int lastOut = length - FAST_OUTPUT;
    int in = start;
    int out = 0;
    while (in <= lastIn && out <= lastOut) {
      int token = source[in];
      int at = in + 1;
      int to = out;
      int literals = token >>> 4 & EXTENDED;
      if (literals < EXTENDED) {
        LONG.set(destination, to, (long) LONG.get(source, at));
        LONG.set(destination, to + 8, (long) LONG.get(source, at + 8));
      } else {
        int more;
        do {
          more = source[at++] & 0xff;
          literals += more;
        } while (more == EXTENSION && literals < length && at < lastIn);
        if (literals > lastIn - at || literals > lastOut - to) {
          break;
        }
        copyLiterals(source, at, destination, to, literals);
      }
      at += literals;
      to += literals;
      int distance = (short) SHORT.get(source, at) & 0xffff;
      at += OFFSET_BYTES;
      int from = to - distance;
      if (from < 0 || distance == 0) {
        break;
      }
      int match = token & EXTENDED;
      if (match < EXTENDED && distance >= 8) {
        LONG.set(destination, to, (long) LONG.get(destination, from));
        LONG.set(destination, to + 8, (long) LONG.get(destination, from + 8));
        LONG.set(destination, to + 16, (long) LONG.get(destination, from + 16));
        match += MIN_MATCH;
      } else {
        if (match == EXTENDED) {
          int more;
          do {
            if (at >= lastIn) {
              return (long) in << Integer.SIZE | out;
            }
            more = source[at++] & 0xff;
            match += more;
          } while (more == EXTENSION && match < length);
        }
        match += MIN_MATCH;
        if (match > lastOut - to) {
          break;
        }
        copyMatch(destination, to, distance, match);
      }
      in = at;
      out = to + match;
    }
    return (long) in << Integer.SIZE | out;
  }

  /** Decodes from {@code in} and {@code out} to the end, and finds all faults. */
  private static void decodeRest(
      byte[] source,
      int start,
      int from,
      int end,
      byte[] destination,
      int decoded,
      int length,
      boolean partial)
      throws CorruptStreamException {
    int in = from;
    int out = decoded;
    while (out < length) {
      if (in >= end) {
        throw CorruptStreamException.endsEarly(in - start);
      }
      int token = source[in++] & 0xff;
      int literals = token >>> 4;
      if (literals == EXTENDED) {
        int counted = pastCount(source, in, end, start);
        literals = extended(source, in, counted);
        in = counted;
      }
      int count = Math.min(literals, length - out);
      if (count > end - in) {
        throw CorruptStreamException.endsEarly(end - start);
      }
      System.arraycopy(source, in, destination, out, count);
      in += count;
      out += count;
      if (out == length) {
        if (count < literals && !partial) {
          throw CorruptStreamException.holdsMore(length);
        }
        return;
      }

      if (end - in < OFFSET_BYTES) {
        throw CorruptStreamException.endsEarly(end - start);
      }
      int distance = (short) SHORT.get(source, in) & 0xffff;
      if (distance > out) {
        throw badDistance(distance, out, in - start);
      }
      in += OFFSET_BYTES;
      int match = token & EXTENDED;
      if (match == EXTENDED) {
        int counted = pastCount(source, in, end, start);
        match = extended(source, in, counted);
        in = counted;
      }
      match = Math.min(match + MIN_MATCH, length - out);
      repeat(destination, out - distance, out, match);
      out += match;
    }
    if (!partial && length > 0) {
      // A block ends in literals, so more must follow.
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

  /** Copies {@code count} bytes, and up to {@link #STRIDE} more. */
  private static void copyLiterals(byte[] source, int from, byte[] bytes, int to, int count) {
    if (count >= LONG_COPY) {
      System.arraycopy(source, from, bytes, to, count);
      return;
    }
    for (int i = 0; i < count; i += STRIDE) {
      LONG.set(bytes, to + i, (long) LONG.get(source, from + i));
      LONG.set(bytes, to + i + 8, (long) LONG.get(source, from + i + 8));
    }
  }

  /**
   * Copies {@code count} bytes from {@code distance} bytes back, and up to {@link #STRIDE} more.
   */
  private static void copyMatch(byte[] bytes, int to, int distance, int count) {
    int from = to - distance;
    if (distance < 8 || count >= LONG_COPY) {
      repeat(bytes, from, to, count);
    } else if (distance < STRIDE) {
      for (int i = 0; i < count; i += 8) {
        LONG.set(bytes, to + i, (long) LONG.get(bytes, from + i));
      }
    } else {
      for (int i = 0; i < count; i += STRIDE) {
        LONG.set(bytes, to + i, (long) LONG.get(bytes, from + i));
        LONG.set(bytes, to + i + 8, (long) LONG.get(bytes, from + i + 8));
      }
    }
  }

  /** Repeats the bytes {@code [from, to)}, or zero: what is copied at once doubles each time. */
  private static void repeat(byte[] bytes, int from, int to, int count) {
    int end = to + count;
    if (to == from) {
      Arrays.fill(bytes, to, end, (byte) 0);
      return;
    }
    if (to - from == 1) {
      Arrays.fill(bytes, to, end, bytes[from]);
      return;
    }
    for (int at = to; at < end; ) {
      int step = Math.min(at - from, end - at);
      System.arraycopy(bytes, from, bytes, at, step);
      at += step;
    }
  }
}
