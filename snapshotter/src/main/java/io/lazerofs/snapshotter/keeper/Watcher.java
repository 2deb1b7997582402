package io.lazerofs.snapshotter.keeper;

import io.lazerofs.sys.HeldProcess;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who starts the next daemon when this one dies: the process that started this one, if that is
 * {@code keeper.sh}; a service manager; or nobody but the keeper.
 */
public sealed interface Watcher {
  /** In the environment of a process that a service manager started (sd_notify(3)). */
  String MANAGER = "NOTIFY_SOCKET";

  /** No process's number. */
  long GONE = -1;

  /** The watcher of a daemon that its keeper alone watches over. */
  Watcher NOBODY = new Nobody();

  /**
   * A process that waits for this daemon's end.
   *
   * @param standsIn whether it is an earlier daemon's keeper, because the one that was started to
   *     watch is dead
   */
  record Parent(long pid, boolean standsIn) implements Watcher {
    private static final Logger log = LoggerFactory.getLogger(Parent.class);

    /** SIGUSR1 of most architectures (include/uapi/asm-generic/signal.h). */
    private static final int READY = 10;

    @Override
    public void ready() {
      try {
        HeldProcess.signal(pid, READY);
      } catch (IOException e) {
        log.warn("whoever started this daemon does not hear that it is ready", e);
      }
    }
  }

  /** A service manager, which counts by itself. */
  record Manager() implements Watcher {}

  /** The keeper alone. */
  record Nobody() implements Watcher {}

  /** Returns the watcher of this process. */
  static Watcher of(Map<String, String> environment) {
    String parent =
        ProcessHandle.current().parent().map(handle -> Long.toString(handle.pid())).orElse("");
    if (parent.equals(environment.get("LAZEROFS_WATCHER"))) {
      return new Parent(Long.parseLong(parent), environment.containsKey("LAZEROFS_STANDS_IN"));
    }
    return environment.containsKey(MANAGER) ? new Manager() : NOBODY;
  }

  /** Whether a process of that number lives; one that waits to be buried does not. */
  static boolean isAlive(long pid) {
    return ProcessIdentity.of(pid).isPresent();
  }

  /**
   * Returns the number of the process that whoever started this daemon knows; 0 for none but this
   * one, and {@link #GONE} when it is dead already.
   */
  default long started() {
    return switch (this) {
      case Parent(long pid, boolean standsIn) -> standsIn ? GONE : pid;
      case Manager _, Nobody _ -> 0;
    };
  }

  /** Says that the daemon serves: if it dies from now on, it had not failed to start. */
  default void ready() {
    // Nobody waits for it.
  }
}
