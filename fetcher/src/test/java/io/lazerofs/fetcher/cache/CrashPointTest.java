package io.lazerofs.fetcher.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The power fails at each point of a cache's life. */
@Timeout(300)
class CrashPointTest {
  /** A point is cut at when it is come to for the first time, the second, the fourth, … */
  private static final int CUTS_OF_A_POINT = 4;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init") // the directory is made before each test
  CrashPointTest() {}

  private record Cut(CrashPoint point, int hit, Path left) {}

  /** Its disk, which fails when the scenario says so. */
  private record FailingDisk(SimulatedDisk disk) implements CrashScenario.Disk {
    @Override
    public FileChannel open(Path file, OpenOption... options) throws IOException {
      return disk.open(file, options);
    }

    @Override
    public void failForce(boolean fails) {
      disk.setForceFails(fails);
    }

    @Override
    public void fill(boolean full) {
      disk.setFull(full);
    }
  }

  @Test
  void afterAPowerCutAtAnyPointEveryByteThatIsServedIsRight() throws IOException {
    long seed = 0xC4A5;
    Random random = new Random(seed);
    SimulatedDisk disk = new SimulatedDisk();
    Path live = directory.resolve("live");
    Map<CrashPoint, Integer> hits = new EnumMap<>(CrashPoint.class);
    List<Cut> cuts = new ArrayList<>();
    CrashScenario scenario = new CrashScenario();
    scenario.run(
        live,
        new FailingDisk(disk),
        point -> {
          int hit = hits.merge(point, 1, Integer::sum);
          if (Integer.bitCount(hit) == 1 && hit < 1 << CUTS_OF_A_POINT) {
            Path left = directory.resolve(point + "." + hit);
            disk.cutPowerUnchecked(live, left, random);
            cuts.add(new Cut(point, hit, left));
          }
        });

    assertThat(EnumSet.complementOf(EnumSet.copyOf(hits.keySet()))).as("points not met").isEmpty();
    for (Cut cut : cuts) {
      assertThat(scenario.check(cut.left))
          .as("seed %d, power cut at %s, time %d", seed, cut.point, cut.hit)
          .isEmpty();
      delete(cut.left);
    }
  }

  private static void delete(Path left) throws IOException {
    try (Stream<Path> files = Files.walk(left)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
