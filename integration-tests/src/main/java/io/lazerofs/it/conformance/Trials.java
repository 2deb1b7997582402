package io.lazerofs.it.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Many seeds, tried on several stands at once. */
public final class Trials {
  private Trials() {}

  /**
   * Tries the seeds from {@code first} on.
   *
   * @param stands how many at a time
   * @param directory an empty directory on a disk, empty again at the end
   * @return all disagreements, by ascending seed
   */
  public static List<Disagreement> run(long first, int count, int stands, Path directory)
      throws IOException, InterruptedException {
    AtomicLong next = new AtomicLong(first);
    List<Disagreement> found = new ArrayList<>();
    List<Future<List<Disagreement>>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(stands)) {
      for (int i = 0; i < stands; i++) {
        Path own = directory.resolve("stand" + i);
        running.add(threads.submit(() -> work(own, next, first + count)));
      }
      for (Future<List<Disagreement>> stand : running) {
        found.addAll(stand.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("a stand could not work", e.getCause());
    }
    return found;
  }

  private static List<Disagreement> work(Path directory, AtomicLong next, long end)
      throws IOException, InterruptedException {
    List<Disagreement> found = new ArrayList<>();
    Files.createDirectory(directory);
    try (Stand stand = Stand.open(directory)) {
      for (long seed = next.getAndIncrement(); seed < end; seed = next.getAndIncrement()) {
        try {
          stand.check(seed);
        } catch (Disagreement e) {
          found.add(e);
        }
      }
    }
    Files.delete(directory);
    return found;
  }
}
