package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a disk takes what is written to it. One that failed is left alone and tried again after a
 * second, then after twice the time each, up to half a minute, by one writer; when that goes well
 * all may write. Each change is logged with its reason, and nothing in between. Safe for use by
 * many threads; while all is well, {@link #attempt} costs one load.
 */
final class DiskHealth {
  private static final Logger logger = LoggerFactory.getLogger(DiskHealth.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** One that fails again so soon was not healed: its pauses go on growing. */
  private static final Duration RELAPSE = Duration.ofMinutes(1);

  private final String subject;
  private final InstantSource clock;
  private volatile boolean well = true;
  private Duration pause = Duration.ZERO;
  private Instant changed = Instant.MIN;
  private Instant retry = Instant.MIN;

  /** What a writer may do, to be given back with how it went. */
  enum Attempt {
    /** Write; all is well. */
    NORMAL,
    /** Write, as the only one: whether all is well depends on it. */
    TRIAL,
    /** Do not write. */
    NONE
  }

  /**
   * @param subject what the log calls it
   */
  DiskHealth(String subject, InstantSource clock) {
    this.subject = subject;
    this.clock = clock;
  }

  /** Tells whether the last that is known of the disk is good. */
  boolean isWell() {
    return well;
  }

  Attempt attempt() {
    return well ? Attempt.NORMAL : trial();
  }

  private synchronized Attempt trial() {
    Instant now = clock.instant();
    if (well) {
      return Attempt.NORMAL;
    }
    if (now.isBefore(retry)) {
      return Attempt.NONE;
    }
    // The next comes if this one never tells how it went.
    retry = now.plus(LONGEST_PAUSE);
    return Attempt.TRIAL;
  }

  /** Takes note that something written arrived. */
  void worked(Attempt attempt) {
    if (attempt == Attempt.TRIAL) {
      heal();
    }
  }

  private synchronized void heal() {
    if (!well) {
      well = true;
      changed = clock.instant();
      logger.info("{}: the disk is used again", subject);
    }
  }

  /** Takes note of a failure. */
  synchronized void failed(Attempt attempt, IOException reason) {
    Instant now = clock.instant();
    if (well) {
      boolean relapse = !pause.isZero() && now.isBefore(changed.plus(RELAPSE));
      pause = relapse ? longer(pause) : FIRST_PAUSE;
      well = false;
      changed = now;
      retry = now.plus(pause);
      logger.warn(
          "{}: the disk is not used for now, reads pass through to the registry: {}",
          subject,
          reason.toString());
    } else if (attempt == Attempt.TRIAL) {
      pause = longer(pause);
      retry = now.plus(pause);
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }
}
