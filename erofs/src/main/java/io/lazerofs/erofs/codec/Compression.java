package io.lazerofs.erofs.codec;

import io.lazerofs.erofs.disk.Algorithm;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How an image's content is to be compressed: what {@code --compress METHOD[:LEVEL]} says.
 *
 * @param method the method
 * @param level how hard it tries, within {@link Method#minLevel} and {@link Method#maxLevel}
 */
public record Compression(Method method, int level) {
  /** The farthest that an LZ4 match reaches back, bytes. */
  public static final int LZ4_MAX_DISTANCE = 65_535;

  /** log2 of the window of DEFLATE streams. */
  public static final int DEFLATE_WINDOW_BITS = 15;

  private static final int MIN_WINDOW_LOG = 10;
  private static final int MIN_DICTIONARY = 4096;

  /** The ways to compress; lz4 and lz4hc make the same format. */
  public enum Method {
    LZ4(Algorithm.LZ4, 0, 0, 0),
    LZ4HC(Algorithm.LZ4, 1, 9, 12),
    ZSTD(Algorithm.ZSTD, 1, 3, 22),
    DEFLATE(Algorithm.DEFLATE, 1, 6, 9),
    LZMA(Algorithm.LZMA, 0, 6, 9);

    private final Algorithm algorithm;
    private final int minLevel;
    private final int defaultLevel;
    private final int maxLevel;

    Method(Algorithm algorithm, int minLevel, int defaultLevel, int maxLevel) {
      this.algorithm = algorithm;
      this.minLevel = minLevel;
      this.defaultLevel = defaultLevel;
      this.maxLevel = maxLevel;
    }

    /** Returns the lowest level. */
    public int minLevel() {
      return minLevel;
    }

    /** Returns the highest level; the lowest if there are no levels. */
    public int maxLevel() {
      return maxLevel;
    }

    private boolean hasLevels() {
      return minLevel < maxLevel;
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws IllegalArgumentException when the method has no such level
   */
  public Compression {
    if (level < method.minLevel || level > method.maxLevel) {
      throw new IllegalArgumentException(
          "%s has the levels %d to %d, not %d"
              .formatted(method, method.minLevel, method.maxLevel, level));
    }
  }

  /**
   * Returns what a user asks for: lz4, lz4hc[:1-12], zstd[:1-22], deflate[:1-9] or lzma[:0-9].
   *
   * @throws IllegalArgumentException with one line that says why it is none of these
   */
  public static Compression parse(String text) {
    int colon = text.indexOf(':');
    Method method = method(colon < 0 ? text : text.substring(0, colon));
    if (colon < 0) {
      return new Compression(method, method.defaultLevel);
    }
    if (!method.hasLevels()) {
      throw new IllegalArgumentException(method + " has no levels");
    }
    String level = text.substring(colon + 1);
    try {
      return new Compression(method, Integer.parseInt(level));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the level of %s is no number: %s".formatted(method, level), e);
    }
  }

  private static Method method(String name) {
    for (Method method : Method.values()) {
      if (method.toString().equals(name)) {
        return method;
      }
    }
    String known =
        Arrays.stream(Method.values()).map(Method::toString).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("no compression %s, there is %s".formatted(name, known));
  }

  /** Returns the algorithm of the streams. */
  public Algorithm algorithm() {
    return method.algorithm;
  }

  /**
   * Returns log2 of the largest window of the Zstandard frames of {@link #encoder
   * encoder(largestInput)}: 10 to 20.
   */
  public static int zstdWindowLog(int largestInput) {
    return Math.clamp(ceilingLog(largestInput), MIN_WINDOW_LOG, ZstdFrame.MAX_WINDOW_LOG);
  }

  /**
   * Returns the dictionary of the LZMA streams of {@link #encoder encoder(largestInput)}, bytes: 4
   * KiB to 8 MiB.
   */
  public static int lzmaDictionary(int largestInput) {
    return Math.clamp(1L << ceilingLog(largestInput), MIN_DICTIONARY, LzmaDecoder.MAX_DICTIONARY);
  }

  private static int ceilingLog(int value) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(value, 1) - 1);
  }

  /**
   * Makes an encoder. The caller closes it.
   *
   * @param largestInput the most content that the caller gives to {@link Encoder#fit} at once,
   *     bytes
   */
  public Encoder encoder(int largestInput) {
    return switch (method) {
      case LZ4 -> Lz4Encoder.fast();
      case LZ4HC -> Lz4Encoder.high(level);
      case ZSTD ->
          new SearchingEncoder(new ZstdCompressor(level, zstdWindowLog(largestInput)), 1.5);
      case DEFLATE -> new SearchingEncoder(new DeflateCompressor(level), 1.4);
      case LZMA ->
          new SearchingEncoder(new LzmaCompressor(level, lzmaDictionary(largestInput)), 1.7);
    };
  }
}
