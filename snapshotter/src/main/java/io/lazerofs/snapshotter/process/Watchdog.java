package io.lazerofs.snapshotter.process;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps a {@link ServiceManager} from killing this process, for as long as the process is
 * well.
 *
 * <p>It looks twice in each of the manager's intervals, so that one look that comes late is
 * forgiven. A process that is not well is left to the manager: after an interval without a sign it
 * is killed and started again.
 */
public final class Watchdog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

  private final ServiceManager manager;
  private final Supplier<Optional<String>> check;
  private final ScheduledExecutorService ticks;
  private boolean well = true;

  private Watchdog(
      ServiceManager manager, Supplier<Optional<String>> check, ScheduledExecutorService ticks) {
    this.manager = manager;
    this.check = check;
    this.ticks = ticks;
  }

  /**
   * Begins, with the first look at once; does nothing when the manager keeps no watchdog.
   *
   * @param check returns what is not well, if anything; may wait, and is called by one thread
   */
  public static Watchdog start(ServiceManager manager, Supplier<Optional<String>> check) {
    // Of a single-threaded scheduler the thread is made by the first task.
    ScheduledExecutorService ticks =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("watchdog").factory());
    Watchdog watchdog = new Watchdog(manager, check, ticks);
    manager
        .watchdog()
        .map(Duration::toNanos)
        .ifPresent(interval ->
            ticks.scheduleAtFixedRate(watchdog::look, 0, interval / 2, TimeUnit.NANOSECONDS));
    return watchdog;
  }

  private void look() {
    Optional<String> trouble = trouble();
    if (trouble.isEmpty()) {
      manager.alive();
      if (!well) {
        log.info("well again");
        manager.status("well again");
      }
    } else {
      log.error("not well: {}", trouble.get());
      manager.status("not well: " + trouble.get());
    }
    well = trouble.isEmpty();
  }

  private Optional<String> trouble() {
    try {
      return check.get();
    } catch (RuntimeException e) {
      // A schedule ends with the first exception, and with it the process's life.
      log.error("the check of this process failed", e);
      return Optional.of("the check failed");
    }
  }

  @Override
  public void close() {
    ticks.shutdownNow();
  }
}
