package io.lazerofs.verity;

import java.io.IOException;

/** Says that bytes are no superblock of a hash tree, or one of a kind that is not read here. */
public final class BadVerityException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final int offset;
  private final String expected;
  private final String actual;

  /**
   * @param field of the superblock
   * @param offset where it is, bytes from the superblock's start
   * @param expected what it may be
   * @param actual what it is
   */
  BadVerityException(String field, int offset, String expected, String actual) {
    super(
        "bad superblock of a hash tree: %s at byte %d: expected %s, found %s"
            .formatted(field, offset, expected, actual));
    this.field = field;
    this.offset = offset;
    this.expected = expected;
    this.actual = actual;
  }

  /** Returns the field that is wrong. */
  public String field() {
    return field;
  }

  /** Returns where it is, bytes from the superblock's start. */
  public int offset() {
    return offset;
  }

  /** Returns what it may be. */
  public String expected() {
    return expected;
  }

  /** Returns what it is. */
  public String actual() {
    return actual;
  }
}
