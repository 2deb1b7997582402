package io.lazerofs.fetcher.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process ends at each point of a cache's life, and another one goes on with what it left.
 */
@Timeout(600)
class KilledProcessTest {
  private static final Set<CrashPoint> OF_A_FAILING_DISK =
      EnumSet.of(
          CrashPoint.FLUSH_DATA_FAILED,
          CrashPoint.FLUSH_DATA_LOST,
          CrashPoint.FLUSH_PRESENCE_FAILED);

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init") // the directory is made before each test
  KilledProcessTest() {}

  @Test
  void afterAProcessWasKilledAtAnyPointEveryByteThatIsServedIsRight() throws Exception {
    List<CrashPoint> points = List.copyOf(EnumSet.complementOf(EnumSet.copyOf(OF_A_FAILING_DISK)));
    assertThat(points).hasSizeGreaterThanOrEqualTo(50);
    CrashScenario scenario = new CrashScenario();
    int processors = Runtime.getRuntime().availableProcessors();
    try (ExecutorService runners = Executors.newFixedThreadPool(processors)) {
      List<Future<Integer>> ends = new ArrayList<>();
      for (CrashPoint point : points) {
        ends.add(runners.submit(() -> runUntil(point)));
      }
      for (int i = 0; i < points.size(); i++) {
        CrashPoint point = points.get(i);
        assertThat(ends.get(i).get()).as("ended at %s", point).isEqualTo(CrashingProcess.STATUS);
        assertThat(scenario.check(directory.resolve(point.name())))
            .as("killed at %s", point)
            .isEmpty();
      }
    }
  }

  private int runUntil(CrashPoint point) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingProcess.class.getName(),
                directory.resolve(point.name()).toString(),
                point.name())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(point + ".log").toFile())
            .start();
    return process.waitFor();
  }
}
