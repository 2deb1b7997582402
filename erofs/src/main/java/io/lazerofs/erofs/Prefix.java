package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.Algorithm;

/** How much of a pcluster to decode for a reader who needs its first bytes only. */
final class Prefix {
  /** What decodes in about the time that finding it takes, bytes. */
  private static final int STEP = 8 << 10;

  /** A block of a Zstandard frame, which is decoded whole; ZSTD_BLOCKSIZE_MAX. */
  private static final int ZSTD_BLOCK = 128 << 10;

  private Prefix() {}

  /**
   * Returns a length from {@code needed} to {@code all}.
   *
   * @param needed bytes that the reader needs, from the start of the pcluster
   * @param all bytes that the pcluster stands for
   */
  static int length(Algorithm algorithm, int needed, int all) {
    int step = algorithm == Algorithm.ZSTD ? ZSTD_BLOCK : STEP;
    long rounded = (needed + step - 1L) / step * step;
    return rounded > all * worthwhile(algorithm) ? all : (int) rounded;
  }

  /** Returns the share of a pcluster from which on decoding all of it costs no more. */
  private static double worthwhile(Algorithm algorithm) {
    return switch (algorithm) {
      // A whole block is for the C library, which is more than twice as fast.
      case LZ4 -> 0.4;
      // A part of a frame goes through the decoder's own window.
      case ZSTD -> 0.5;
      case LZMA, DEFLATE -> 0.9;
    };
  }
}
