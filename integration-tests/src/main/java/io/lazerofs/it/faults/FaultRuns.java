package io.lazerofs.it.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many fault runs, several at a time, since each of them mostly waits. */
public final class FaultRuns {
  private static final int AT_ONCE = 16;

  private final List<FaultRun.Result> results;

  private FaultRuns(List<FaultRun.Result> results) {
    this.results = results;
  }

  /**
   * Makes the runs of the seeds from {@code first} on, with an image that is put into a registry.
   *
   * @param registry host and port of a registry that may be written
   * @param directory an empty directory on a disk
   */
  public static FaultRuns run(String registry, long first, int count, Path directory)
      throws IOException, InterruptedException {
    Path imageFiles = Files.createDirectory(directory.resolve("images"));
    FaultImages images = FaultImages.push(registry, imageFiles);
    List<Future<FaultRun.Result>> running = new ArrayList<>();
    List<FaultRun.Result> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      for (long seed = first; seed < first + count; seed++) {
        long own = seed;
        Path ownDirectory = directory.resolve("run-" + seed);
        running.add(threads.submit(() -> FaultRun.run(own, images, registry, ownDirectory)));
      }
      for (Future<FaultRun.Result> run : running) {
        results.add(run.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("a run could not be made", e.getCause());
    }
    return new FaultRuns(results);
  }

  /** Returns what was wrong, with the seed of its run; empty when all is well. */
  public List<String> problems() {
    return results.stream()
        .flatMap(run ->
            run.problems().stream()
                .map(problem -> "seed " + run.scenario().seed() + ": " + problem))
        .toList();
  }

  /** Returns how many faults of each kind there were. */
  public Map<FaultKind, Integer> faults() {
    Map<FaultKind, Integer> sum = new EnumMap<>(FaultKind.class);
    results.forEach(
        run -> run.faults().forEach((kind, count) -> sum.merge(kind, count, Integer::sum)));
    return sum;
  }

  /** Returns how many reads failed as they may: every source was down past the deadline. */
  public int failedReads() {
    return results.stream().mapToInt(FaultRun.Result::failedReads).sum();
  }

  /** Returns a line that says what was done. */
  public String summary() {
    long reads =
        results.stream()
            .mapToLong(run -> (long) run.scenario().threads() * run.scenario().readsPerThread())
            .sum();
    return "%d runs (%d with an outage, %d with a mirror, %d mounted), %d reads, %d failed past the deadline, faults %s"
        .formatted(
            results.size(),
            results.stream().filter(run -> run.scenario().outage().isPresent()).count(),
            results.stream().filter(run -> run.scenario().mirrored()).count(),
            results.stream().filter(run -> run.scenario().mounted()).count(),
            reads,
            failedReads(),
            faults());
  }
}
