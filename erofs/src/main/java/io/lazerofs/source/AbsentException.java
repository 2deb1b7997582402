package io.lazerofs.source;

import java.io.IOException;

/**
 * Says that a read met bytes which are not on this machine, and which they are.
 *
 * <p>It is a signal, not a failure: it carries no stack trace and is caught where someone can wait.
 * It never reaches a user; an errno is made of what {@link #await} throws.
 */
public final class AbsentException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient ByteSource source;
  private final long offset;
  private final long length;

  /**
   * @param source where the bytes are absent
   * @param offset the first byte of the range that the read needs
   * @param length its length in bytes, at least 1
   */
  public AbsentException(ByteSource source, long offset, long length) {
    super("absent: " + length + " bytes at " + offset);
    this.source = source;
    this.offset = offset;
    this.length = length;
  }

  ByteSource source() {
    return source;
  }

  long offset() {
    return offset;
  }

  long length() {
    return length;
  }

  /** Brings the range onto this machine, waiting as long as that takes. */
  public void await() throws IOException {
    source.fill(offset, length);
  }

  /** Asks for the range, and returns without waiting for it. */
  public void prefetch() {
    source.prefetch(offset, length);
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
