package io.lazerofs.it.dio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.it.fuzz.Original;
import io.lazerofs.it.proxy.Fault;
import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * While a registry fails, a read is right or fails with EIO, and it succeeds afterwards. It does
 * not fail as long as bytes come.
 */
final class FaultyDirectReadsIT {
  private static final long SEED = 20_261_121;
  private static final int THREADS = 8;
  private static final int CALLS_BEFORE = 40;
  private static final int CALLS = 120;
  private static final int PAGE = 4096;

  /** What fails is not tried for long; what only takes its time, on a busy machine, may do so. */
  private static final LazySettings SETTINGS =
      LazySettings.DEFAULT
          .inSmallUnits()
          .withHttp(HttpSettings.defaults().withDeadline(Duration.ofMillis(100)));

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static List<Original> images;

  private final Tally tally = new Tally();
  private final Queue<ReadCall> failed = new ConcurrentLinkedQueue<>();
  private final AtomicLong cutByThePageCache = new AtomicLong();

  /** Calls from one number to before another. */
  private record Calls(long first, long end) {}

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    images = OwnImages.make(Files.createTempDirectory(stage.dir(), "own"));
  }

  static Stream<Fault> faults() {
    return Stream.of(
        new Fault.Refuse(503),
        new Fault.Refuse(404),
        new Fault.HangUp(),
        new Fault.Cut(0),
        new Fault.Cut(20_000),
        new Fault.Stall(3000, Duration.ofMillis(300)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void S1_6_readsAreRightOrFailAndSucceedAfterTheFault(Fault fault) throws Exception {
    String layout = fault instanceof Fault.Cut ? "own-zstd-dedupe-direct" : "own-plain";
    Original image =
        images.stream().filter(own -> own.name().equals(layout)).findFirst().orElseThrow();
    tally.image();
    try (LazyStand stand = LazyStand.open(stage, registry, image, Line.CLEAR, SETTINGS)) {
      make(stand, new Calls(0, CALLS_BEFORE), false);
      assertThat(failed).as("before the fault").isEmpty();
      stand.proxy().spoil(LazyStand.BLOBS, fault);
      make(stand, new Calls(CALLS_BEFORE, CALLS_BEFORE + CALLS), true);
      stand.proxy().heal();
      List<ReadCall> again = List.copyOf(failed);
      failed.clear();
      try (Comparison comparison = stand.comparison()) {
        for (ReadCall call : again) {
          tally.add("again, after " + fault, call, comparison.check(call));
        }
      }
      System.out.printf(
          "%s: %d of %d calls failed, %d of them cut short by the page cache%n%s",
          fault, again.size(), CALLS, cutByThePageCache.get(), tally.table());
      if (fault instanceof Fault.Cut(long after) && after > 0) {
        // Each answer brings some bytes, so that no reader comes to the deadline.
        assertThat(again).isEmpty();
        assertThat(stand.proxy().exchanges())
            .as("the fault was felt")
            .anyMatch(exchange -> exchange.bytes() == after);
      } else {
        assertThat(again).as("the fault was felt").hasSizeGreaterThan(CALLS / 20);
      }
    }
    assertThat(tally.disagreements()).isEmpty();
  }

  private void make(LazyStand stand, Calls calls, boolean faulty)
      throws IOException, InterruptedException {
    AtomicLong next = new AtomicLong(calls.first());
    Threads.run(
        THREADS,
        () -> {
          Random random = new Random();
          try (Comparison comparison = stand.comparison()) {
            for (long n = next.getAndIncrement(); n < calls.end(); n = next.getAndIncrement()) {
              // Neighbouring seeds would begin with much the same numbers.
              random.setSeed((SEED + n) * 0x9E3779B97F4A7C15L);
              ReadCall call = stand.draw().draw(random);
              Verdict verdict = comparison.check(call);
              if (faulty && verdict instanceof Verdict.Wrong wrong && isFailure(call, wrong)) {
                failed.add(call);
              } else {
                tally.add("seed " + SEED + ", call " + n, call, verdict);
              }
            }
          }
        });
  }

  /**
   * Whether a call failed as it may. A buffered read gives what the kernel had of it before the
   * page that failed, of any file system (mm/filemap.c, filemap_read); a direct one gives nothing.
   */
  private boolean isFailure(ReadCall call, Verdict.Wrong wrong) {
    if (wrong.ours().failedWith(Answer.EIO)) {
      return true;
    }
    boolean cut =
        !call.direct() && wrong.rightSoFar() && (call.offset() + wrong.ours().result()) % PAGE == 0;
    if (cut) {
      cutByThePageCache.incrementAndGet();
    }
    return cut;
  }
}
