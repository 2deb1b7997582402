package io.lazerofs.fetcher.lazy;

/**
 * A range of a blob.
 *
 * @param start its first byte
 * @param end one more than its last
 */
record ByteRange(long start, long end) {

  static final ByteRange EMPTY = new ByteRange(0, 0);

  boolean isEmpty() {
    return start >= end;
  }

  long length() {
    return end - start;
  }

  /** Returns what both have; only for ranges of which one overlaps the other. */
  ByteRange intersection(ByteRange other) {
    return new ByteRange(Math.max(start, other.start), Math.min(end, other.end));
  }

  boolean overlaps(long otherStart, long otherEnd) {
    return !isEmpty() && otherStart < end && otherEnd > start;
  }
}
