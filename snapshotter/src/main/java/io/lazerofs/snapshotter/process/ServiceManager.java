package io.lazerofs.snapshotter.process;

import io.lazerofs.sys.SystemCallException;
import io.lazerofs.sys.UnixDatagram;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whoever started this process and wants to know how it does: systemd, or what speaks its protocol
 * (sd_notify(3)); or nobody, who is told nothing.
 *
 * <p>A message is one datagram of lines, {@code READY=1\nSTATUS=…}. One that cannot be sent is
 * logged: a daemon serves on without its manager. Safe for use by many threads.
 */
public final class ServiceManager {
  private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);
  private static final String READY = "READY=1";
  private static final String STOPPING = "STOPPING=1";
  private static final String ALIVE = "WATCHDOG=1";

  private final Optional<String> socket;
  private final Optional<Duration> watchdog;

  private ServiceManager(Optional<String> socket, Optional<Duration> watchdog) {
    this.socket = socket;
    this.watchdog = watchdog;
  }

  /**
   * Returns the manager that the environment of a process names.
   *
   * @param environment NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are looked at
   * @param pid of the process: a watchdog that is meant for another one is none
   */
  public static ServiceManager of(Map<String, String> environment, long pid) {
    Optional<String> socket = Optional.ofNullable(environment.get("NOTIFY_SOCKET"));
    if (socket
        .filter(address -> !address.startsWith("/") && !address.startsWith("@"))
        .isPresent()) {
      log.warn("NOTIFY_SOCKET is no unix-domain socket, so nobody is told: {}", socket.get());
      socket = Optional.empty();
    }
    return new ServiceManager(
        socket, socket.isPresent() ? watchdog(environment, pid) : Optional.empty());
  }

  private static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    if (micros.isEmpty()
        || !environment
            .getOrDefault("WATCHDOG_PID", Long.toString(pid))
            .equals(Long.toString(pid))) {
      return Optional.empty();
    }
    try {
      long value = Long.parseLong(micros);
      if (value > 0) {
        return Optional.of(Duration.of(value, ChronoUnit.MICROS));
      }
    } catch (NumberFormatException e) {
      log.debug("no number", e);
    }
    log.warn("WATCHDOG_USEC is no time, so there is no watchdog: {}", micros);
    return Optional.empty();
  }

  /** Returns how long the manager waits for {@link #alive} before it kills this process. */
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  /**
   * Says that this process serves.
   *
   * @param status a line for people
   */
  public void ready(String status) {
    tell(READY, statusLine(status));
  }

  /** Says in a line how it goes. */
  public void status(String line) {
    tell(statusLine(line));
  }

  /** Says that this process is well; it has to be said again within {@link #watchdog}. */
  public void alive() {
    tell(ALIVE);
  }

  /** Says that this process ends. */
  public void stopping() {
    tell(STOPPING, statusLine("stopping"));
  }

  private static String statusLine(String line) {
    return "STATUS=" + line.replace('\n', ' ');
  }

  private void tell(String... lines) {
    if (socket.isEmpty()) {
      return;
    }
    byte[] message = String.join("\n", List.of(lines)).getBytes(StandardCharsets.UTF_8);
    try {
      UnixDatagram.send(socket.get(), message);
    } catch (SystemCallException | IllegalArgumentException e) {
      log.warn("the service manager was not told {}: {}", lines[0], e.getMessage());
    }
  }
}
