package io.lazerofs.it.fuzz;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

/** A thread of a run, with an image of each original to change. */
final class Worker extends Thread {
  private final List<Mutator> mutators;
  private final Run run;
  private final Walk walk;
  private final Watch watch;
  private final Map<String, Workpiece> pieces = new HashMap<>();
  private final Random random = new Random();

  /**
   * @param mutators of all originals; the seed of a mutant chooses one
   */
  Worker(List<Mutator> mutators, Run run, Walk walk, Watch watch) {
    this.mutators = mutators;
    this.run = run;
    this.walk = walk;
    this.watch = watch;
    setDaemon(true); // One that does not end must not keep the process.
  }

  @Override
  public void run() {
    for (OptionalLong seed = run.next(); seed.isPresent(); seed = run.next()) {
      walk(seed.getAsLong());
    }
  }

  private void walk(long seed) {
    Workpiece piece = mutant(seed);
    boolean views = random.nextBoolean();
    watch.begin(seed);
    try {
      run.note(walk.walk(piece.sources(views)), walk.memory());
    } catch (IOException | RuntimeException | Error e) {
      run.note(new Finding(piece.mutant(views), seed, e));
    }
    watch.end();
    piece.restore();
  }

  private Workpiece mutant(long seed) {
    Mutator mutator = mutators.get(Math.floorMod(seed, mutators.size()));
    Original original = mutator.original();
    Workpiece piece = pieces.computeIfAbsent(original.name(), _ -> new Workpiece(original));
    // Neighbouring seeds would begin with much the same numbers.
    random.setSeed(seed * 0x9E3779B97F4A7C15L);
    mutator.change(piece, random);
    return piece;
  }

  boolean isOverdue() {
    return watch.overdue().isPresent();
  }

  /**
   * Notes the mutant that this thread cannot finish, if there is one, and ends the run. The mutant
   * is made again, since this thread's own is in use.
   */
  void noteOverdue() {
    watch
        .overdue()
        .ifPresent(overdue -> {
          Worker again = new Worker(mutators, run, walk, watch);
          Workpiece piece = again.mutant(overdue.task());
          boolean views = again.random.nextBoolean();
          run.stop();
          run.note(new Finding(piece.mutant(views), overdue.task(), overdue.cause()));
        });
  }
}
