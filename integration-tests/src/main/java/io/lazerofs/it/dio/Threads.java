package io.lazerofs.it.dio;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One piece of work done by several threads at once. */
final class Threads {
  private Threads() {}

  /** What each thread does. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  /** Runs work on platform threads, which may block in system calls, and waits for all of them. */
  static void run(int count, Work work) throws IOException, InterruptedException {
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      for (int i = 0; i < count; i++) {
        running.add(
            threads.submit(() -> {
              work.run();
              return null;
            }));
      }
      for (Future<?> thread : running) {
        thread.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a thread could not work", e.getCause());
    }
  }
}
