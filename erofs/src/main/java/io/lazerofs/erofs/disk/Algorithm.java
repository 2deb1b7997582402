package io.lazerofs.erofs.disk;

import java.util.Optional;

/** A compression algorithm; the constants stand in the order of their codes. */
public enum Algorithm {
  /** Raw LZ4 blocks. */
  LZ4(0),
  /** LZMA without a header of its own: its properties take the place of the first byte. */
  LZMA(1),
  /** Raw DEFLATE streams. */
  DEFLATE(2),
  /** Zstandard frames. */
  ZSTD(3);

  private static final Algorithm[] BY_CODE = values();

  private final int code;

  Algorithm(int code) {
    this.code = code;
  }

  /**
   * Returns the number that stands for this algorithm in {@link MapHeader}; it is also its bit in
   * {@link Superblock#compression}.
   */
  public int code() {
    return code;
  }

  /** Returns the algorithm of a code, or empty for one that the format reserves. */
  public static Optional<Algorithm> ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? Optional.of(BY_CODE[code]) : Optional.empty();
  }
}
