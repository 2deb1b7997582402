package io.lazerofs.erofs.codec;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Seeded content of one shape each. */
enum Contents {
  ZEROS {
    @Override
    void fill(byte[] bytes, Random random) {}
  },
  RANDOM {
    @Override
    void fill(byte[] bytes, Random random) {
      random.nextBytes(bytes);
    }
  },
  PERIOD_2 {
    @Override
    void fill(byte[] bytes, Random random) {
      repeat(bytes, 2, random);
    }
  },
  PERIOD_3 {
    @Override
    void fill(byte[] bytes, Random random) {
      repeat(bytes, 3, random);
    }
  },
  PERIOD_7 {
    @Override
    void fill(byte[] bytes, Random random) {
      repeat(bytes, 7, random);
    }
  },
  PERIOD_300 {
    @Override
    void fill(byte[] bytes, Random random) {
      repeat(bytes, 300, random);
    }
  },
  TEXT {
    @Override
    void fill(byte[] bytes, Random random) {
      for (int at = 0; at < bytes.length; ) {
        byte[] word = WORDS[random.nextInt(WORDS.length)];
        int count = Math.min(word.length, bytes.length - at);
        System.arraycopy(word, 0, bytes, at, count);
        at += count;
      }
    }
  },
  /** Runs of random bytes, of one byte, and of bytes from before, as programs have them. */
  MIXED {
    @Override
    void fill(byte[] bytes, Random random) {
      for (int at = 0; at < bytes.length; ) {
        int count = Math.min(1 + random.nextInt(1 << random.nextInt(1, 10)), bytes.length - at);
        int kind = random.nextInt(3);
        int from = random.nextInt(at + 1);
        for (int i = 0; i < count; i++) {
          bytes[at + i] =
              switch (kind) {
                case 0 -> (byte) random.nextInt();
                case 1 -> 7;
                default -> at == 0 ? 0 : bytes[from + i % (at - Math.min(from, at - 1))];
              };
        }
        at += count;
      }
    }
  };

  private static final byte[][] WORDS = words();

  abstract void fill(byte[] bytes, Random random);

  byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    fill(bytes, new Random(seed));
    return bytes;
  }

  private static void repeat(byte[] bytes, int period, Random random) {
    byte[] pattern = new byte[period];
    random.nextBytes(pattern);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = pattern[i % period];
    }
  }

  private static byte[][] words() {
    Random random = new Random(1);
    byte[][] words = new byte[400][];
    for (int i = 0; i < words.length; i++) {
      StringBuilder word = new StringBuilder();
      for (int j = random.nextInt(2, 9); j > 0; j--) {
        word.append((char) ('a' + random.nextInt(26)));
      }
      words[i] = word.append(' ').toString().getBytes(StandardCharsets.US_ASCII);
    }
    return words;
  }
}
