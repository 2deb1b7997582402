package io.lazerofs.it.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * The trials as a process of its own: {@code ConformanceCommand FIRST-SEED COUNT DIRECTORY} prints
 * each disagreement and what was done, and fails if there is any.
 */
public final class ConformanceCommand {
  private ConformanceCommand() {}

  /**
   * Tries seeds on all processors.
   *
   * @param args the first seed, the number of seeds, an empty directory on a disk
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 3) {
      System.err.println("usage: ConformanceCommand FIRST-SEED COUNT DIRECTORY");
      System.exit(2);
    }
    long first = Long.parseLong(args[0]);
    int count = Integer.parseInt(args[1]);
    InstantSource clock = InstantSource.system();
    Instant start = clock.instant();
    List<Disagreement> found =
        Trials.run(first, count, Runtime.getRuntime().availableProcessors(), Path.of(args[2]));
    double seconds = Duration.between(start, clock.instant()).toMillis() / 1000.0;
    found.forEach(disagreement -> System.out.println(disagreement.getMessage()));
    System.out.printf(
        "%d trees, seeds %d to %d, in %.1f s (%.1f a second): %d disagreements%n",
        count, first, first + count - 1, seconds, count / seconds, found.size());
    System.exit(found.isEmpty() ? 0 : 1);
  }
}
