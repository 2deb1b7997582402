package io.lazerofs.it.dio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.it.fuzz.Original;
import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads of a blob that starts absent and comes slowly give what the kernel gives for its file. */
final class LazyDirectReadsIT {
  private static final long SEED = 20_261_121;
  private static final int THREADS = 8;
  private static final Line SLOW = new Line(Duration.ofMillis(5), 100_000_000);

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static List<Original> images;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    images = OwnImages.make(Files.createTempDirectory(stage.dir(), "own"));
  }

  @ParameterizedTest
  @CsvSource({
    "own-plain, PAGE_CACHE",
    "own-plain, DEVICE",
    "own-chunk-64k-dedupe, PAGE_CACHE",
    "own-lz4, PAGE_CACHE",
    "own-zstd-dedupe-direct, DEVICE"
  })
  void readsOfABlobThatComesSlowlyGiveWhatTheKernelGives(String layout, Backing backing)
      throws Exception {
    int calls = 600;
    Tally tally = new Tally();
    AtomicLong next = new AtomicLong();
    tally.image();
    try (LazyStand stand = open(layout, LazySettings.DEFAULT.withBacking(backing))) {
      Threads.run(
          THREADS,
          () -> {
            try (Comparison comparison = stand.comparison()) {
              for (long n = next.getAndIncrement(); n < calls; n = next.getAndIncrement()) {
                compare(stand, comparison, n, tally);
              }
            }
          });
      assertEachByteIsFetchedOnce(stand);
    }
    System.out.print(tally.table());
    assertThat(tally.disagreements()).isEmpty();
    assertThat(tally.calls()).isEqualTo(calls);
  }

  @Test
  void manyThreadsThatReadTheSameRangesAtOnceFetchEachByteOnce() throws Exception {
    int calls = 150;
    Tally tally = new Tally();
    long descriptors = descriptors();
    tally.image();
    try (LazyStand stand = open("own-plain", LazySettings.DEFAULT.inSmallUnits())) {
      Threads.run(
          2 * THREADS,
          () -> {
            try (Comparison comparison = stand.comparison()) {
              for (long n = 0; n < calls; n++) {
                compare(stand, comparison, n, tally);
              }
            }
          });
      assertThat(assertEachByteIsFetchedOnce(stand))
          .as("some are absent to the end")
          .isLessThan(stand.size());
    }
    System.out.print(tally.table());
    assertThat(tally.disagreements()).isEmpty();
    // The proxy's connections end on threads of their own.
    await("no descriptor is left")
        .atMost(Duration.ofSeconds(30))
        .until(() -> descriptors() <= descriptors);
  }

  private static LazyStand open(String layout, LazySettings settings)
      throws IOException, InterruptedException {
    Original image =
        images.stream().filter(own -> own.name().equals(layout)).findFirst().orElseThrow();
    return LazyStand.open(stage, registry, image, SLOW, settings);
  }

  private static void compare(LazyStand stand, Comparison comparison, long number, Tally tally)
      throws IOException {
    // Neighbouring seeds would begin with much the same numbers.
    Random random = new Random((SEED + number) * 0x9E3779B97F4A7C15L);
    ReadCall call = stand.draw().draw(random);
    tally.add("seed " + SEED + ", call " + number, call, comparison.check(call));
  }

  /** Returns how many bytes that is. */
  private static long assertEachByteIsFetchedOnce(LazyStand stand) {
    long end = 0;
    long bytes = 0;
    for (LazyStand.Range range : stand.fetched()) {
      assertThat(range.first()).as("a byte that is fetched twice").isGreaterThanOrEqualTo(end);
      end = range.last() + 1;
      bytes += end - range.first();
    }
    assertThat(bytes).isPositive();
    return bytes;
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
