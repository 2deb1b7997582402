package io.lazerofs.snapshotter.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import io.lazerofs.snapshotter.daemon.Configuration;
import org.slf4j.LoggerFactory;

/** How much of the log is shown, and in which form; where it goes is in logback.xml. */
final class Logging {
  private static final String PROJECT = "io.lazerofs";
  private static final String APPENDER = "stderr";

  private Logging() {}

  /** Shows what a daemon is configured to show, and more after {@link #verbose}. */
  static void daemon(Configuration.Log log) {
    if (LoggerFactory.getLogger(PROJECT) instanceof Logger logger) {
      Level level = Level.toLevel(log.level().name());
      boolean isVerbose = !logger.getEffectiveLevel().isGreaterOrEqual(Level.INFO);
      if (!isVerbose || !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
        logger.setLevel(level);
      }
      if (log.format() == Configuration.Log.Format.JSON) {
        writeJson(logger);
      }
    }
  }

  /** Shows what helps to find a fault. */
  static void verbose() {
    if (LoggerFactory.getLogger(PROJECT) instanceof Logger logger
        && !Level.DEBUG.isGreaterOrEqual(logger.getEffectiveLevel())) {
      logger.setLevel(Level.DEBUG);
    }
  }

  private static void writeJson(Logger logger) {
    Logger root = logger.getLoggerContext().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    if (root.getAppender(APPENDER) instanceof OutputStreamAppender<ILoggingEvent> appender) {
      JsonLines encoder = new JsonLines();
      encoder.setContext(logger.getLoggerContext());
      encoder.start();
      appender.setEncoder(encoder);
    }
  }
}
