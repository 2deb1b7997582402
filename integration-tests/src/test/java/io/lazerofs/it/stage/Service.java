package io.lazerofs.it.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A process that runs in the background and writes to a log file of its own. */
public final class Service implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  private final String name;
  private final Process process;
  private final Path log;

  Service(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Waits until the log has a match, and returns it; fails when the process ends before. */
  public MatchResult awaitLog(Pattern pattern) {
    await(name + " to log " + pattern)
        .atMost(READY_WITHIN)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !process.isAlive() || pattern.matcher(log()).find());
    return pattern
        .matcher(log())
        .results()
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " ended before it was ready:\n" + log()));
  }

  /** All that the process has written so far. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The process. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /** Asks the process to end: SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** Ends the process as a crash would: SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Waits for the end of a process that ends by itself, and returns its exit status. */
  public int awaitEnd() throws InterruptedException {
    assertThat(process.waitFor(READY_WITHIN.toSeconds(), TimeUnit.SECONDS))
        .as("%s ends: %s", name, log())
        .isTrue();
    return process.exitValue();
  }

  /** Asks the process to end, and makes it after 20 seconds. */
  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      kill();
      throw new AssertionError(name + " did not end on SIGTERM:\n" + log());
    }
  }
}
