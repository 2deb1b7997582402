package io.lazerofs.snapshotter.service;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Many tasks at once that have to end in time: else the test fails with all threads' stacks. */
final class WithinTime {
  private WithinTime() {}

  static void run(Duration limit, List<? extends Callable<?>> tasks) throws Exception {
    // Not closed by "try": that would wait for tasks that never end.
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    try {
      long deadline = System.nanoTime() + limit.toNanos();
      List<Future<?>> futures = new ArrayList<>();
      tasks.forEach(task -> futures.add(executor.submit(task)));
      for (Future<?> future : futures) {
        future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (TimeoutException e) {
      throw new AssertionError("not over after " + limit + "; all threads:\n" + threads(), e);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }

  private static String threads() throws IOException {
    Path directory = Files.createTempDirectory("threads");
    Path dump = directory.resolve("dump");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(dump.toString(), ThreadDumpFormat.TEXT_PLAIN);
      return Files.readString(dump);
    } finally {
      Files.deleteIfExists(dump);
      Files.delete(directory);
    }
  }
}
