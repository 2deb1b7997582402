package io.lazerofs.snapshotter.keeper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that cannot be mistaken for a later one of the same number.
 *
 * @param start when it was started, in the kernel's ticks since the machine was (proc_pid_stat(5),
 *     field 22)
 */
record ProcessIdentity(long pid, long start) {
  private static final int FIELDS_BEFORE_STATE = 2;
  private static final int STATE = 3 - FIELDS_BEFORE_STATE - 1;
  private static final int START = 22 - FIELDS_BEFORE_STATE - 1;

  /** Returns the process that has a number now; empty when none has, or it is dead. */
  static Optional<ProcessIdentity> of(long pid) {
    String stat;
    try {
      stat =
          Files.readString(
              Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return Optional.empty();
    }
    // The second field is the program's name in parentheses, which may contain anything.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    boolean dead = fields[STATE].equals("Z") || fields[STATE].equals("X");
    return dead
        ? Optional.empty()
        : Optional.of(new ProcessIdentity(pid, Long.parseLong(fields[START])));
  }

  /** Whether the process lives. */
  boolean isAlive() {
    return of(pid).equals(Optional.of(this));
  }
}
