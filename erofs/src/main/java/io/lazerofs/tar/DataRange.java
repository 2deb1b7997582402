package io.lazerofs.tar;

/**
 * A part of a sparse file that is no hole.
 *
 * @param offset first byte in the file
 * @param length bytes, at least 1
 */
public record DataRange(long offset, long length) {

  /** Returns the first byte after the range. */
  public long end() {
    return offset + length;
  }
}
