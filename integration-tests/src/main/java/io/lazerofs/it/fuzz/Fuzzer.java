package io.lazerofs.it.fuzz;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Makes mutants, walks them, and gathers what was found, on several threads. */
public final class Fuzzer {

  /** The walk through one image may take so much processor time. */
  public static final Duration TIME_LIMIT = Duration.ofSeconds(5);

  /** After so many findings it stops. */
  private static final int ENOUGH = 20;

  private static final long WATCH_MILLIS = 200;

  private final List<Original> originals;
  private final Map<String, Mutator> mutators = new HashMap<>();
  private final long seed;
  private final long count;
  private final AtomicLong next = new AtomicLong();
  private final List<Finding> findings = new ArrayList<>();
  private final Map<Walk.Outcome, Long> outcomes = new EnumMap<>(Walk.Outcome.class);
  private long mostMemory;

  private Fuzzer(List<Original> originals, long seed, long count) throws IOException {
    this.originals = originals;
    this.seed = seed;
    this.count = count;
    for (Original original : originals) {
      mutators.put(original.name(), new Mutator(original));
    }
  }

  /**
   * The end of a run.
   *
   * @param mostMemory the most that walking one image allocated, bytes
   */
  public record Result(
      long mutants, Map<String, Long> outcomes, long mostMemory, List<Finding> findings) {}

  /**
   * Walks {@code count} mutants, as many of each original, or fewer when there are many findings.
   *
   * @param seed mutant {@code i} of them has the seed {@code seed + i}, which also chooses the
   *     original
   */
  public static Result run(List<Original> originals, long seed, long count, int threads)
      throws IOException, InterruptedException {
    return new Fuzzer(originals, seed, count).run(threads);
  }

  /** Walks one mutant; throws what was wrong, if anything. */
  public static void replay(Original original, Mutant mutant) throws IOException {
    Workpiece piece = new Workpiece(original);
    piece.become(mutant);
    new Walk().walk(piece.sources(mutant.views()));
  }

  private Result run(int threads) throws InterruptedException {
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Worker worker = new Worker();
      worker.setDaemon(true); // One that does not end must not keep the process.
      workers.add(worker);
      worker.start();
    }
    ThreadMXBean times = ManagementFactory.getThreadMXBean();
    for (Worker worker : workers) {
      while (worker.isAlive() && workers.stream().allMatch(other -> other.inTime(times))) {
        worker.join(WATCH_MILLIS);
      }
    }
    workers.stream().filter(worker -> !worker.inTime(times)).forEach(Worker::tooLong);
    synchronized (this) {
      Map<String, Long> counts = new HashMap<>();
      outcomes.forEach((outcome, number) -> counts.put(outcome.name(), number));
      long walked = Math.min(next.get(), count);
      return new Result(walked, counts, mostMemory, List.copyOf(findings));
    }
  }

  private synchronized void note(Walk.Outcome outcome, long memory) {
    outcomes.merge(outcome, 1L, Long::sum);
    mostMemory = Math.max(mostMemory, memory);
  }

  private synchronized void note(Finding finding) {
    findings.add(finding);
    if (findings.size() >= ENOUGH) {
      next.set(count);
    }
  }

  /** A thread with an image of each original to change. */
  private final class Worker extends Thread {
    private final Map<String, Workpiece> pieces = new HashMap<>();
    private final Random random = new Random();
    private volatile Current current = new Current(Long.MAX_VALUE, 0);

    /** The mutant that is walked, and this thread's processor time at its start, nanoseconds. */
    private record Current(long start, long index) {}

    @Override
    public void run() {
      ThreadMXBean times = ManagementFactory.getThreadMXBean();
      Walk walk = new Walk();
      for (long i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        current = new Current(times.getCurrentThreadCpuTime(), i);
        walk(walk, i);
      }
      current = new Current(Long.MAX_VALUE, 0);
    }

    private void walk(Walk walk, long index) {
      Workpiece piece = mutant(index);
      boolean views = random.nextBoolean();
      try {
        Walk.Outcome outcome = walk.walk(piece.sources(views));
        note(outcome, walk.memory());
      } catch (IOException | RuntimeException | Error e) {
        note(new Finding(piece.mutant(views), seed + index, e));
      }
      piece.restore();
    }

    private Workpiece mutant(long index) {
      Original original = originals.get(Math.floorMod(seed + index, originals.size()));
      Workpiece piece = pieces.computeIfAbsent(original.name(), name -> new Workpiece(original));
      random.setSeed((seed + index) * 0x9E3779B97F4A7C15L);
      Mutator mutator = mutators.get(original.name());
      if (mutator != null) {
        mutator.change(piece, random);
      }
      return piece;
    }

    boolean inTime(ThreadMXBean times) {
      Current now = current;
      return now.start() == Long.MAX_VALUE
          || times.getThreadCpuTime(threadId()) - now.start() < TIME_LIMIT.toNanos();
    }

    /** Notes the mutant that this thread cannot finish, made again where it is not in use. */
    void tooLong() {
      IllegalStateException stuck = new IllegalStateException("took longer than " + TIME_LIMIT);
      stuck.setStackTrace(getStackTrace());
      Worker again = new Worker();
      Workpiece piece = again.mutant(current.index());
      note(new Finding(piece.mutant(again.random.nextBoolean()), seed + current.index(), stuck));
    }
  }
}
