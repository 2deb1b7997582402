package io.lazerofs.it.fuzz;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Walks mutants of some originals, many that it makes or one that was found. Safe for use by many
 * threads.
 */
public final class Fuzzer {
  static final long WATCH_MILLIS = 50;

  private final List<Original> originals;
  private final Walk.Reader reader;
  private final TimeLimit limit;

  /**
   * @param reader what is tried
   */
  Fuzzer(List<Original> originals, Walk.Reader reader, TimeLimit limit) {
    this.originals = List.copyOf(originals);
    this.reader = reader;
    this.limit = limit;
  }

  /** Returns a fuzzer of our reader. */
  public static Fuzzer of(List<Original> originals) {
    return new Fuzzer(originals, Walk::open, TimeLimit.DEFAULT);
  }

  /**
   * The end of a run.
   *
   * @param mutants how many were walked to an end, good or bad
   * @param outcomes how many had which good end
   * @param mostMemory the most that walking one image allocated, bytes
   */
  public record Result(
      long mutants, Map<String, Long> outcomes, long mostMemory, List<Finding> findings) {}

  /**
   * Walks {@code count} mutants, as many of each original; fewer when there are many findings, or
   * one that does not end.
   *
   * @param seed mutant {@code i} of them has the seed {@code seed + i}, which also chooses the
   *     original
   */
  public Result run(long seed, long count, int threads) throws IOException, InterruptedException {
    List<Mutator> mutators = new ArrayList<>();
    for (Original original : originals) {
      mutators.add(new Mutator(original));
    }
    Run run = new Run(seed, count);
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Worker worker = new Worker(mutators, run, new Walk(reader), new Watch(limit));
      workers.add(worker);
      worker.start();
    }
    for (Worker worker : workers) {
      while (worker.isAlive() && workers.stream().noneMatch(Worker::isOverdue)) {
        worker.join(WATCH_MILLIS);
      }
    }
    workers.forEach(Worker::noteOverdue);
    return run.result();
  }

  /** Walks one mutant, and returns what was wrong, if anything. */
  public Optional<Throwable> replay(Mutant mutant) throws InterruptedException {
    Workpiece piece = new Workpiece(Mutant.find(mutant.original(), originals));
    piece.become(mutant);
    Watch watch = new Watch(limit);
    FutureTask<Walk.Outcome> task =
        new FutureTask<>(() -> {
          watch.begin(0);
          Walk.Outcome outcome = new Walk(reader).walk(piece.sources(mutant.views()));
          watch.end();
          return outcome;
        });
    Thread thread = Thread.ofPlatform().daemon().start(task);
    while (thread.isAlive()) {
      thread.join(WATCH_MILLIS);
      Optional<Watch.Overdue> overdue = watch.overdue();
      if (overdue.isPresent() && !task.isDone()) {
        return Optional.of(overdue.get().cause());
      }
    }
    try {
      task.get();
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.ofNullable(e.getCause());
    }
  }
}
