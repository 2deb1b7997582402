package io.lazerofs.it.survive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Kills a daemon over and over, at random moments, while readers read what it serves. */
public final class KillRounds {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(5);
  private static final int LATEST_KILL_MILLIS = 400;

  private final Path root;
  private final Random random;
  private final List<SteadyReader> readers;

  /**
   * What readers saw.
   *
   * @param pauses the longest direct read of present bytes in each round, shortest first
   * @param readings how often was read in all
   */
  public record Report(List<Duration> pauses, long readings) {
    /** The middle one. */
    public Duration median() {
      return pauses.get(pauses.size() / 2);
    }

    /** What 99 of 100 do not exceed. */
    public Duration percentile99() {
      return pauses.get((int) Math.ceil(pauses.size() * 0.99) - 1);
    }

    /** The longest one. */
    public Duration longest() {
      return pauses.getLast();
    }

    @Override
    public String toString() {
      return "%d kills: readers paused for %d ms (median), %d ms (99 of 100), %d ms (longest); %d readings"
          .formatted(
              pauses.size(),
              median().toMillis(),
              percentile99().toMillis(),
              longest().toMillis(),
              readings);
    }
  }

  private KillRounds(Path root, Random random, List<SteadyReader> readers) {
    this.root = root;
    this.random = random;
    this.readers = readers;
  }

  /**
   * Kills the daemon so often.
   *
   * @param tree where an image of the daemon is seen, see {@link Readings}
   * @param data what its file {@code data} contains
   * @param root the daemon's
   * @throws AssertionError when a reader met an errno or a wrong byte, or waits for ever
   */
  public static Report run(Path tree, byte[] data, Path root, int rounds, long seed)
      throws Exception {
    try (Readings readings = new Readings(tree, data, new ArrayDeque<>())) {
      return run(readings, root, rounds, seed);
    }
  }

  private static Report run(Readings readings, Path root, int rounds, long seed)
      throws IOException, InterruptedException {
    List<SteadyReader> readers =
        List.of(
            SteadyReader.start("direct", readings.directPresent(seed)),
            SteadyReader.start("absent-1", readings.directAbsent(seed + 1)),
            SteadyReader.start("absent-2", readings.directAbsent(seed + 2)),
            SteadyReader.start("buffered", readings.buffered(seed + 3)),
            SteadyReader.start("mapped", readings.mapped(seed + 4)),
            SteadyReader.start("names", readings.names()),
            SteadyReader.start("programs", readings.programs()));
    List<Duration> pauses = new ArrayList<>();
    KillRounds kills = new KillRounds(root, new Random(seed), readers);
    kills.awaitProgress();
    for (int round = 0; round < rounds; round++) {
      pauses.add(kills.round());
    }
    for (SteadyReader reader : readers) {
      reader.end(PATIENCE.toMillis());
    }
    pauses.sort(null);
    return new Report(pauses, readers.stream().mapToLong(SteadyReader::done).sum());
  }

  /** Returns the longest direct read of present bytes, which spans the kill. */
  private Duration round() throws IOException {
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(LATEST_KILL_MILLIS)).toNanos());
    long pid = daemon(root);
    SteadyReader direct = readers.getFirst();
    long unused = direct.takeLongest();
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    long begin = System.nanoTime();
    while (daemon(root) == pid) {
      check(begin, "a new daemon");
    }
    awaitProgress();
    return Duration.ofNanos(direct.takeLongest());
  }

  /** Waits until each reader has begun and ended something. */
  private void awaitProgress() {
    List<Long> before = readers.stream().map(SteadyReader::done).toList();
    long begin = System.nanoTime();
    for (int i = 0; i < readers.size(); i++) {
      while (readers.get(i).done() < before.get(i) + 2) {
        check(begin, "the readers");
      }
    }
  }

  private void check(long beginNanos, String awaited) {
    readers.forEach(SteadyReader::check);
    if (System.nanoTime() - beginNanos > PATIENCE.toNanos()) {
      throw new AssertionError("waited too long for " + awaited);
    }
    LockSupport.parkNanos(POLL.toNanos());
  }

  /** Returns the process that serves a root now, or did before it died. */
  public static long daemon(Path root) throws IOException {
    String text = Files.readString(root.resolve("lock"));
    // Empty for the moment in which the next one writes it.
    return text.isEmpty() ? 0 : Long.parseLong(text.split(" ", -1)[0]);
  }
}
