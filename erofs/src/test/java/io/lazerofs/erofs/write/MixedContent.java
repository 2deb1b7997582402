package io.lazerofs.erofs.write;

import java.util.Random;

/** Content for compressors: all that it is made of is drawn from one random source. */
enum MixedContent {
  ZEROS,
  NOISE,
  TEXT,
  /** Text and noise in turns of some kilobytes. */
  PARTS;

  private static final int LONGEST_PART = 20_000;

  byte[] bytes(Random random, int size) {
    byte[] content = new byte[size];
    switch (this) {
      case ZEROS -> {}
      case NOISE -> random.nextBytes(content);
      case TEXT -> text(random, content, 0, size);
      case PARTS -> {
        random.nextBytes(content);
        for (int end = 0; end < size; ) {
          int start = Math.min(size, end + random.nextInt(LONGEST_PART));
          end = Math.min(size, start + 1 + random.nextInt(LONGEST_PART));
          text(random, content, start, end);
        }
      }
    }
    return content;
  }

  /** Lines of equal length that differ in some places from the one before. */
  private static void text(Random random, byte[] content, int start, int end) {
    for (int i = start; i < end; i++) {
      boolean repeat = i >= start + 40 && random.nextInt(8) > 0;
      content[i] = repeat ? content[i - 40] : (byte) ('a' + random.nextInt(20));
    }
  }
}
