package io.lazerofs.erofs.codec;

import java.util.Arrays;

/**
 * Walks the sequences of an LZ4 block that a compressor has just made, to end it before its end.
 * {@link Lz4Decoder} shows what a sequence is. The block is trusted.
 */
final class Lz4Sequences {
  private static final int MIN_MATCH = 4;

  /** A count of 4 bits that goes on in bytes of its own. */
  private static final int EXTENDED = 15;

  private static final int EXTENSION = 255;
  private static final int OFFSET_BYTES = 2;

  /** A block ends in at least so many literals: lz4_Block_format.md, "End of block conditions". */
  private static final int LAST_LITERALS = 5;

  /** The last match starts at least so many bytes before the end of the content; same place. */
  private static final int LAST_MATCH_DISTANCE = 12;

  private final byte[] block;
  private final int size;

  // The sequence that next() has come to.
  private int token;
  private int match;
  private int pastOffset;

  // The end of it.
  private int at;
  private int content;

  Lz4Sequences(byte[] block, int size) {
    this.block = block;
    this.size = size;
  }

  /**
   * Returns how much content the first {@code target} bytes of the block hold; within a sequence,
   * which may be long, as if its bytes were all alike.
   */
  int contentOf(double target) {
    int from = 0;
    int before = 0;
    while (at < target) {
      from = at;
      before = content;
      if (!next()) {
        break;
      }
    }
    double share = at > target ? (target - from) / (at - from) : 1;
    return before + (int) ((content - before) * share);
  }

  /**
   * Ends the block so that it has at most {@code limit} bytes: keeps the sequences that fit, the
   * last with a shorter match if need be, and fills up with literals.
   *
   * @param input the content of the block in {@code [start, end)}; it may go on after the block's
   * @return what {@code output} then holds
   */
  Encoder.Fit cut(byte[] input, int start, int end, byte[] output, int limit) {
    int kept = 0;
    int consumed = 0;
    while (next() && at + 1 + literalsAfter(match) <= limit) {
      kept = at;
      consumed = content;
    }
    int extension = limit - 1 - LAST_LITERALS - pastOffset;
    if (pastOffset > kept && extension >= 0 && match > longestMatch(extension)) {
      int shorter = longestMatch(extension);
      System.arraycopy(block, 0, output, 0, pastOffset);
      endInLongMatch(output, extension);
      kept = pastOffset + extension;
      consumed = content - match + shorter;
    } else {
      System.arraycopy(block, 0, output, 0, kept);
    }
    int last = Math.min(mostLiterals(limit - kept), end - start - consumed);
    int written = endInLiterals(input, start + consumed, last, output, kept);
    return Encoder.Fit.of(consumed + last, written);
  }

  private static int literalsAfter(int match) {
    return Math.max(LAST_LITERALS, LAST_MATCH_DISTANCE - match);
  }

  /** Returns the longest match whose length takes {@code extension} bytes after the token. */
  private static int longestMatch(int extension) {
    return MIN_MATCH + EXTENDED - 1 + EXTENSION * extension;
  }

  private void endInLongMatch(byte[] output, int extension) {
    int code = extension == 0 ? EXTENDED - 1 : EXTENDED;
    output[token] = (byte) (output[token] & 0xf0 | code);
    if (extension > 0) {
      Arrays.fill(output, pastOffset, pastOffset + extension - 1, (byte) EXTENSION);
      output[pastOffset + extension - 1] = (byte) (EXTENSION - 1);
    }
  }

  /** Returns how many literals a last sequence of {@code room} bytes has, the token included. */
  private static int mostLiterals(int room) {
    int extended = room - 2 - EXTENDED;
    if (extended < 0) {
      return Math.min(room - 1, EXTENDED - 1);
    }
    // Each 255 literals beyond the first 15 take a byte more of the count.
    int counts = extended / (EXTENSION + 1);
    int rest = extended % (EXTENSION + 1);
    return EXTENDED + counts * EXTENSION + Math.min(rest, EXTENSION - 1);
  }

  private static int endInLiterals(byte[] input, int from, int count, byte[] output, int to) {
    int out = to;
    output[out++] = (byte) (Math.min(count, EXTENDED) << 4);
    if (count >= EXTENDED) {
      int more = count - EXTENDED;
      for (; more >= EXTENSION; more -= EXTENSION) {
        output[out++] = (byte) EXTENSION;
      }
      output[out++] = (byte) more;
    }
    System.arraycopy(input, from, output, out, count);
    return out + count;
  }

  /** Comes to the next sequence; returns false at the last, which has no match. */
  private boolean next() {
    int in = at;
    token = in;
    int code = block[in++] & 0xff;
    int literals = code >>> 4;
    if (literals == EXTENDED) {
      int more;
      do {
        more = block[in++] & 0xff;
        literals += more;
      } while (more == EXTENSION);
    }
    in += literals;
    content += literals;
    if (in >= size) {
      at = in;
      return false;
    }
    in += OFFSET_BYTES;
    pastOffset = in;
    match = code & EXTENDED;
    if (match == EXTENDED) {
      int more;
      do {
        more = block[in++] & 0xff;
        match += more;
      } while (more == EXTENSION);
    }
    match += MIN_MATCH;
    content += match;
    at = in;
    return true;
  }
}
