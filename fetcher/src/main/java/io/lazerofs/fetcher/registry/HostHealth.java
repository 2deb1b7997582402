package io.lazerofs.fetcher.registry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a host has answered of late. One that fails is left out for 10 s, and twice as long each time
 * that it fails again after that, up to 5 min; its first success ends it. Safe for use by many
 * threads at once.
 */
final class HostHealth {
  private static final Logger LOG = LoggerFactory.getLogger(HostHealth.class);
  private static final Duration FIRST_REST = Duration.ofSeconds(10);
  private static final Duration MAX_REST = Duration.ofMinutes(5);

  private final String host;
  private final InstantSource clock;
  private Optional<String> problem = Optional.empty();
  private Duration rest = FIRST_REST;
  private Instant restsUntil = Instant.MIN;
  private Instant notBefore = Instant.MIN;
  private boolean probed;
  private final LongAdder blobBytes = new LongAdder();

  HostHealth(String host, InstantSource clock) {
    this.host = host;
    this.clock = clock;
  }

  /**
   * Returns whether to ask the host before those that fail. When a rest is over, one caller is told
   * to: it finds out for the others whether the host is back.
   */
  synchronized boolean mayTry() {
    Instant now = clock.instant();
    if (now.isBefore(notBefore)) {
      return false;
    }
    if (problem.isEmpty()) {
      return true;
    }
    if (now.isBefore(restsUntil)) {
      return false;
    }
    probed = true;
    restsUntil = now.plus(rest);
    return true;
  }

  /** Returns until when the host asked not to be asked, if that time is still to come. */
  synchronized Optional<Instant> notBefore() {
    return clock.instant().isBefore(notBefore) ? Optional.of(notBefore) : Optional.empty();
  }

  /**
   * Takes note of a failure.
   *
   * @param reason in one line and without secrets
   * @param retryAfter how long the host asks to be left alone
   */
  synchronized void failed(String reason, Optional<Duration> retryAfter) {
    Instant now = clock.instant();
    if (problem.isEmpty()) {
      LOG.warn("{} fails and is left out for a while: {}", host, reason);
      restsUntil = now.plus(rest);
    } else if (probed) {
      Duration twice = rest.multipliedBy(2);
      rest = twice.compareTo(MAX_REST) < 0 ? twice : MAX_REST;
      restsUntil = now.plus(rest);
      LOG.warn("{} still fails: {}", host, reason);
    }
    probed = false;
    problem = Optional.of(reason);
    Instant asked = now.plus(retryAfter.orElse(Duration.ZERO));
    notBefore = asked.isAfter(notBefore) ? asked : notBefore;
  }

  /** Takes note of an answer that was what was asked for. */
  synchronized void succeeded() {
    if (problem.isPresent()) {
      LOG.info("{} answers again", host);
      problem = Optional.empty();
      rest = FIRST_REST;
      probed = false;
    }
  }

  /** Counts bytes of a blob that the host gave, or a storage that it named. */
  void gave(int bytes) {
    blobBytes.add(bytes);
  }

  /** Returns how many bytes of blobs came so far. */
  long blobBytes() {
    return blobBytes.sum();
  }

  /** Returns what is wrong with the host now. */
  synchronized Optional<String> problem() {
    return problem;
  }
}
