package io.lazerofs.snapshotter.store;

import java.util.Arrays;
import java.util.Optional;

/** What may be done with a snapshot. */
public enum Kind {
  /** It is read only, and never becomes anything else. */
  VIEW(1),
  /** It is written to, and can be committed. */
  ACTIVE(2),
  /** It is finished: it can be a parent, and is not mounted itself. */
  COMMITTED(3);

  private final int code;

  Kind(int code) {
    this.code = code;
  }

  /** Returns the number that stands for this kind in the database. */
  int code() {
    return code;
  }

  /** Returns the kind that a number stands for, or empty when none does. */
  static Optional<Kind> ofCode(int code) {
    return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst();
  }
}
