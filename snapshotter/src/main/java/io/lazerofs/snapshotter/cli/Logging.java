package io.lazerofs.snapshotter.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** How much of the log is shown; where it goes is in logback.xml. */
final class Logging {
  private Logging() {}

  /** Shows what a daemon does: its life, and every fallback with its reason. */
  static void daemon() {
    atLeast(Level.INFO);
  }

  /** Shows what helps to find a fault. */
  static void verbose() {
    atLeast(Level.DEBUG);
  }

  private static void atLeast(Level level) {
    if (LoggerFactory.getLogger("io.lazerofs") instanceof Logger logger
        && !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
      logger.setLevel(level);
    }
  }
}
