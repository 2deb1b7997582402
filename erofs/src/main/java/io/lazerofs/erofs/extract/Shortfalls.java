package io.lazerofs.erofs.extract;

import io.lazerofs.sys.SystemCallException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what the system refuses, by kind. */
final class Shortfalls {

  /** EIO, ENFILE, EMFILE, ENOSPC, EROFS, EDQUOT: what would be refused for the next file too. */
  private static final Set<Integer> FATAL = Set.of(5, 23, 24, 28, 30, 122);

  private final Map<Shortfall.Kind, Shortfall> byKind = new EnumMap<>(Shortfall.Kind.class);

  /** A system call, or several. */
  @FunctionalInterface
  interface Call {
    void make() throws SystemCallException;
  }

  /**
   * Makes a call, and counts it when it is refused; returns whether it was not.
   *
   * @throws SystemCallException when there is no point in going on
   */
  boolean attempt(Shortfall.Kind kind, Call call) throws SystemCallException {
    try {
      call.make();
      return true;
    } catch (SystemCallException e) {
      // A file system has little room for a file's xattrs, and says ENOSPC when they do not fit.
      if (FATAL.contains(e.errno()) && kind != Shortfall.Kind.XATTR) {
        throw e;
      }
      add(kind, String.valueOf(e.getMessage()));
      return false;
    }
  }

  void add(Shortfall.Kind kind, String reason) {
    byKind.merge(
        kind,
        new Shortfall(kind, 1, reason),
        (before, _) -> new Shortfall(kind, before.count() + 1, before.first()));
  }

  List<Shortfall> list() {
    return new ArrayList<>(byKind.values());
  }
}
