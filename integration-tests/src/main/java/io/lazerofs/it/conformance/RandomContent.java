package io.lazerofs.it.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Contents with sizes on every border of the format, of bytes that compress well, badly, in parts,
 * or that other files of the same tree have too.
 */
final class RandomContent {
  private static final int[] BLOCKS = {512, 1024, 4096};
  private static final int[] PCLUSTERS = {4096, 8192, 16384, 65536};
  private static final int[] LARGE_PCLUSTERS = {131_072, 262_144, 1 << 20};
  private static final int POOL = 1 << 17;
  private static final String[] WORDS = {
    "extent ", "lcluster ", "inode\n", "the ", "of ", "block ", "0", "int ", "return ", "\t", ";\n"
  };

  private final Random random;

  /** What several files have in common, at any offset. */
  private final byte[] pool;

  RandomContent(Random random) {
    this.random = random;
    this.pool = new byte[POOL];
    fill(pool, 0, POOL / 2, 0);
    fill(pool, POOL / 2, POOL, 1);
  }

  /** Returns a content; one in a hundred is large. */
  Content next() {
    int size = size();
    if (size > 1 && random.nextInt(6) == 0) {
      return sparse(random.nextBoolean() ? size : size + random.nextInt(1 << 20));
    }
    return Content.of(bytes(size));
  }

  private int size() {
    int border = BLOCKS[random.nextInt(BLOCKS.length)];
    return switch (random.nextInt(random.nextInt(12) == 0 ? 11 : 9)) {
      case 0 -> random.nextInt(2);
      case 1 -> around(border);
      case 2, 3 -> around(border * (1 + random.nextInt(9)));
      case 4, 5 -> around(PCLUSTERS[random.nextInt(PCLUSTERS.length)]);
      case 6 -> random.nextInt(300);
      case 7 -> around(4096) + random.nextInt(3) * 65536 + random.nextInt(20_000);
      case 8 -> random.nextInt(50_000);
      case 9 -> around(LARGE_PCLUSTERS[random.nextInt(LARGE_PCLUSTERS.length)]);
      default -> random.nextInt(3 << 20);
    };
  }

  private int around(int border) {
    return border + random.nextInt(3) - 1;
  }

  private byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    if (random.nextInt(3) > 0) {
      fill(bytes, 0, size, random.nextInt(6));
      return bytes;
    }
    int at = 0;
    while (at < size) {
      int length =
          random.nextBoolean() ? around(PCLUSTERS[random.nextInt(3)]) : random.nextInt(9000);
      int end = Math.min(size, at + 1 + length);
      fill(bytes, at, end, random.nextInt(6));
      at = end;
    }
    return bytes;
  }

  private void fill(byte[] bytes, int from, int to, int kind) {
    switch (kind) {
      case 0 -> words(bytes, from, to);
      case 1 -> noise(bytes, from, to);
      case 2 -> {} // zeros
      case 3 -> period(bytes, from, to, 1 + random.nextInt(random.nextBoolean() ? 8 : 5000));
      default -> pooled(bytes, from, to);
    }
  }

  private void words(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      String word = WORDS[random.nextInt(WORDS.length)];
      for (int i = 0; i < word.length() && at < to; i++) {
        bytes[at++] = (byte) word.charAt(i);
      }
    }
  }

  private void noise(byte[] bytes, int from, int to) {
    byte[] noise = new byte[to - from];
    random.nextBytes(noise);
    System.arraycopy(noise, 0, bytes, from, noise.length);
  }

  private void period(byte[] bytes, int from, int to, int length) {
    noise(bytes, from, Math.min(to, from + length));
    for (int at = from + length; at < to; at++) {
      bytes[at] = bytes[at - length];
    }
  }

  private void pooled(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      int start = random.nextBoolean() ? 0 : random.nextInt(POOL);
      int length = Math.min(to - at, POOL - start);
      System.arraycopy(pool, start, bytes, at, length);
      at += length;
    }
  }

  /** Returns a content with holes, on block borders or off them. */
  private Content sparse(int size) {
    List<Content.Piece> pieces = new ArrayList<>();
    int grain = random.nextBoolean() ? 4096 : 1;
    int at = 0;
    while (at < size && pieces.size() < 8) {
      at = (at + random.nextInt(Math.max(1, size / 2))) / grain * grain;
      int length = Math.min(size - at, 1 + random.nextInt(random.nextBoolean() ? 100 : 20_000));
      if (length > 0) {
        byte[] bytes = new byte[length];
        fill(bytes, 0, length, random.nextInt(6));
        pieces.add(new Content.Piece(at, bytes));
        at = at + length + grain;
      }
    }
    return new Content(size, pieces);
  }
}
