package io.lazerofs.erofs.codec;

import java.io.IOException;
import java.util.OptionalInt;

/** Says that compressed data is no stream of its algorithm, or not one of the length expected. */
public final class CorruptStreamException extends IOException {
  private static final long serialVersionUID = 1L;

  private static final int UNKNOWN = -1;

  private final String problem;
  private final int offset;

  private CorruptStreamException(String problem, int offset, String message) {
    super(message);
    this.problem = problem;
    this.offset = offset;
  }

  static CorruptStreamException at(int offset, String problem) {
    return new CorruptStreamException(
        problem, offset, "bad compressed data: %s, at byte %d".formatted(problem, offset));
  }

  static CorruptStreamException somewhere(String problem) {
    return new CorruptStreamException(problem, UNKNOWN, "bad compressed data: " + problem);
  }

  static CorruptStreamException endsEarly(int offset) {
    return at(offset, "the stream ends early");
  }

  static CorruptStreamException holdsMore(int length) {
    return somewhere("the stream holds more than the %d bytes expected".formatted(length));
  }

  static CorruptStreamException holdsLess(int held, int length) {
    return somewhere("the stream holds %d bytes, expected %d".formatted(held, length));
  }

  /** Returns what is wrong, for people, without the place. */
  public String problem() {
    return problem;
  }

  /** Returns where, bytes from the start of the stream; empty when the decoder does not tell. */
  public OptionalInt offset() {
    return offset == UNKNOWN ? OptionalInt.empty() : OptionalInt.of(offset);
  }
}
