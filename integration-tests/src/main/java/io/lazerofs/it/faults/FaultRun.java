package io.lazerofs.it.faults;

import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;

/**
 * One seeded run: an image with a cold cache is read at random by several threads while its sources
 * fail, and then whole, when they no longer do.
 *
 * <p>Each read has to be right. It may fail only when every source was down for as long as a client
 * tries, and only if it began before the sources were up again.
 */
final class FaultRun {
  private static final int SPEED = 8;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** No byte for so long is a stall; in time as it is, since sockets know no other. */
  private static final Duration STALL = Duration.ofSeconds(2);

  /** The longest back-off: the last attempt may be so long before the deadline. */
  private static final Duration TOLERANCE = Duration.ofSeconds(5);

  private static final int LONGEST_READ = 150_000;

  private final FaultImages images;
  private final Scenario scenario;
  private final Random random;
  private final FastClock clock = new FastClock(SPEED);
  private final CountDownLatch beforeOutage;
  private final List<Failed> failed = Collections.synchronizedList(new ArrayList<>());
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());

  private FaultRun(FaultImages images, Scenario scenario) {
    this.images = images;
    this.scenario = scenario;
    this.random = random(scenario.seed(), -1);
    this.beforeOutage = new CountDownLatch(scenario.outage().map(Outage::afterRequests).orElse(0));
  }

  /**
   * What came of a run.
   *
   * @param faults how many there were of each kind, outages aside
   * @param failedReads reads that failed, as they may
   * @param problems what must not be; empty when all is well
   */
  record Result(
      Scenario scenario, Map<FaultKind, Integer> faults, int failedReads, List<String> problems) {}

  /** A read that failed, from one time to another. */
  private record Failed(Instant began, Instant ended, IOException reason) {
    /** Whether all sources were down for long enough that a read may fail. */
    boolean isExcused(Outage.Span outage) {
      return !ended.isBefore(outage.start().plus(DEADLINE).minus(TOLERANCE))
          && began.isBefore(outage.end().plus(TOLERANCE));
    }
  }

  /**
   * Makes a run.
   *
   * @param registry host and port
   * @param directory does not exist yet, nor afterwards
   */
  static Result run(long seed, FaultImages images, String registry, Path directory)
      throws IOException, InterruptedException {
    Scenario scenario = Scenario.draw(seed, images.layouts().size(), DEADLINE);
    return new FaultRun(images, scenario).run(registry, directory);
  }

  /** Returns numbers for one purpose of a run. */
  static Random random(long seed, long purpose) {
    // Neighbouring seeds would begin with much the same numbers.
    return new Random((seed * 1_000_003 + purpose) * 0x9E3779B97F4A7C15L);
  }

  private Result run(String registry, Path directory) throws IOException, InterruptedException {
    Files.createDirectory(directory);
    Map<FaultKind, Integer> faults = Map.of();
    Path certs = directory.resolve("certs");
    try (FaultSources sources =
        FaultSources.start(registry, scenario, beforeOutage::countDown, certs)) {
      try (FaultClient client = open(sources, directory)) {
        Optional<Outage.Span> outage = readWhileItFails(client, sources);
        judge(outage);
        sources.heal();
        readAll(client);
      } finally {
        faults = sources.counts();
      }
    } catch (IOException e) {
      problems.add("the run broke: " + e);
    }
    findLeftovers(directory);
    removeAll(directory);
    return new Result(scenario, faults, failed.size(), List.copyOf(problems));
  }

  private FaultClient open(FaultSources sources, Path directory)
      throws IOException, InterruptedException {
    FaultImages.Layout layout = images.layouts().get(scenario.image());
    return FaultClient.open(
        sources.address() + "/" + layout.reference(),
        sources.hosts(),
        layout.layers(),
        scenario,
        transport(),
        clock,
        directory);
  }

  private HttpTransport transport() {
    HttpSettings settings = new HttpSettings(Set.of(), STALL, STALL, DEADLINE);
    return new HttpTransport(
        new OkHttpClient(), settings, clock, random(scenario.seed(), -2), clock);
  }

  /** Returns when there was an outage, if there was one. */
  private Optional<Outage.Span> readWhileItFails(FaultClient client, FaultSources sources)
      throws IOException, InterruptedException {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      Future<Optional<Outage.Span>> outage = threads.submit(() -> fail(sources));
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < scenario.threads(); i++) {
        Random own = new Random(random.nextLong());
        readers.add(threads.submit(() -> readAtRandom(client, own)));
      }
      try {
        for (Future<?> reader : readers) {
          reader.get();
        }
      } finally {
        // An outage that waits for more requests than the reads made begins now, and means nothing.
        while (beforeOutage.getCount() > 0) {
          beforeOutage.countDown();
        }
      }
      return outage.get();
    } catch (ExecutionException e) {
      throw new IOException("a thread of the run failed: " + e.getCause(), e);
    }
  }

  /** Returns when all sources were down, if they were. */
  private Optional<Outage.Span> fail(FaultSources sources)
      throws IOException, InterruptedException {
    if (scenario.outage().isEmpty()) {
      return Optional.empty();
    }
    Outage outage = scenario.outage().get();
    beforeOutage.await();
    Instant start = clock.instant();
    sources.fail(outage);
    clock.sleep(outage.length());
    sources.recover();
    return outage.ofAll() ? Optional.of(new Outage.Span(start, clock.instant())) : Optional.empty();
  }

  private void readAtRandom(FaultClient client, Random own) {
    for (int i = 0; i < scenario.readsPerThread(); i++) {
      int layer = own.nextInt(images.layers().size());
      List<String> names = List.copyOf(images.layers().get(layer).keySet());
      String name = names.get(own.nextInt(names.size()));
      int size = content(layer, name).length;
      int offset = own.nextInt(size + 1);
      int length = 1 + own.nextInt(own.nextBoolean() ? 5000 : LONGEST_READ);
      Instant began = clock.instant();
      try {
        compare(client, layer, name, offset, length);
      } catch (IOException e) {
        failed.add(new Failed(began, clock.instant(), e));
      }
    }
  }

  private byte[] content(int layer, String name) {
    return images.layers().get(layer).getOrDefault(name, new byte[0]);
  }

  private void compare(FaultClient client, int layer, String name, int offset, int length)
      throws IOException {
    byte[] content = content(layer, name);
    byte[] expected =
        Arrays.copyOfRange(content, offset, Math.min(content.length, offset + length));
    byte[] actual = new byte[length];
    int count = client.read(layer, name, offset, actual);
    int wrong = Arrays.mismatch(expected, Arrays.copyOf(actual, count));
    if (wrong >= 0) {
      problems.add(
          "layer %d, %s: %d of %d bytes at %d, wrong at %d"
              .formatted(layer, name, count, expected.length, offset, offset + wrong));
    }
  }

  private void judge(Optional<Outage.Span> outage) {
    for (Failed read : failed) {
      if (outage.isEmpty() || !read.isExcused(outage.get())) {
        problems.add(
            "an early failure, from %s to %s with the outage %s: %s"
                .formatted(read.began(), read.ended(), outage, read.reason()));
      }
    }
  }

  private void readAll(FaultClient client) {
    for (int layer = 0; layer < images.layers().size(); layer++) {
      for (String name : images.layers().get(layer).keySet()) {
        try {
          compare(client, layer, name, 0, content(layer, name).length + 1);
        } catch (IOException e) {
          problems.add("layer %d, %s: a failure after the fault: %s".formatted(layer, name, e));
        }
      }
    }
  }

  private void findLeftovers(Path directory) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      descriptors
          .map(FaultRun::target)
          .filter(target -> target.startsWith(directory + "/"))
          .forEach(target -> problems.add("a descriptor is left: " + target));
    }
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
      mounts
          .filter(mount -> mount.contains(" " + directory + "/"))
          .forEach(mount -> problems.add("a mount is left: " + mount));
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  private static void removeAll(Path directory) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = walk.toList().reversed();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
