package io.lazerofs.snapshotter.store;

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

  static Kind ofCode(int code) {
    for (Kind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no kind of snapshot has the number " + code);
  }
}
