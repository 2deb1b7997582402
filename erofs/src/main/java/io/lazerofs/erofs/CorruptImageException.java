package io.lazerofs.erofs;

/** Says that an image contradicts the format or itself, or ends too early. */
public final class CorruptImageException extends ErofsException {
  private static final long serialVersionUID = 1L;

  private final long offset;
  private final String what;
  private final String expected;
  private final String actual;

  /**
   * @param offset where, bytes from the start of the device that holds the bad record
   * @param what the field or record that is wrong
   * @param expected what it may be
   * @param actual what it is
   */
  public CorruptImageException(long offset, String what, String expected, String actual) {
    super(
        "bad EROFS image: %s at byte %d: expected %s, found %s"
            .formatted(what, offset, expected, actual));
    this.offset = offset;
    this.what = what;
    this.expected = expected;
    this.actual = actual;
  }

  CorruptImageException(long offset, String what, String expected, long actual) {
    this(offset, what, expected, Long.toString(actual));
  }

  /** Returns where, bytes from the start of the device that holds the bad record. */
  public long offset() {
    return offset;
  }

  /** Returns the field or record that is wrong. */
  public String what() {
    return what;
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
