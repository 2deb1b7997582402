package io.lazerofs.it.fuzz;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Watches how long a thread takes for each of its tasks. That thread says when; any may ask. */
final class Watch {
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final TimeLimit limit;
  private volatile @Nullable Task current;

  Watch(TimeLimit limit) {
    this.limit = limit;
  }

  /** A task and when it began, in nanoseconds of its thread's processor time and of any clock. */
  private record Task(long number, Thread thread, long processor, long wall) {}

  /**
   * A task that takes too long.
   *
   * @param cause says so, and has the stack of the thread
   */
  record Overdue(long task, IllegalStateException cause) {}

  /** Begins a task of the calling thread. */
  void begin(long number) {
    current =
        new Task(
            number, Thread.currentThread(), threads.getCurrentThreadCpuTime(), System.nanoTime());
  }

  /** Ends the task that was begun last. */
  void end() {
    current = null;
  }

  /** Returns the task under way, if it has taken longer than it may. */
  Optional<Overdue> overdue() {
    Task task = current;
    if (task == null) {
      return Optional.empty();
    }
    long wall = System.nanoTime() - task.wall;
    // -1 when the thread has ended: then it is not in this task.
    long processor = threads.getThreadCpuTime(task.thread.threadId()) - task.processor;
    if (wall < limit.wall().toNanos() && processor < limit.processor().toNanos()) {
      return Optional.empty();
    }
    IllegalStateException cause =
        new IllegalStateException(
            "computes for %d ms, takes %d ms, of %s"
                .formatted(processor / 1_000_000, wall / 1_000_000, limit));
    cause.setStackTrace(task.thread.getStackTrace());
    return Optional.of(new Overdue(task.number, cause));
  }
}
