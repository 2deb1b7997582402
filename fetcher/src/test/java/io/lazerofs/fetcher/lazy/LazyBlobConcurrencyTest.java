package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static io.lazerofs.fetcher.lazy.LazyBlobFixture.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.cache.CacheFixture;
import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.fetcher.lazy.Flights.Flight;
import io.lazerofs.fetcher.lazy.Flights.Unit;
import io.lazerofs.fetcher.lazy.GatedOrigin.Answer;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many readers of one blob, whose fetches go on piece by piece in an order that the test sets. */
@Timeout(120)
class LazyBlobConcurrencyTest {
  private static final int UNITS = 12;
  private static final int SIZE = UNITS * UNIT;

  /** A unit comes in as many pieces; its fetch stops before each. */
  private static final int PIECES = 4;

  /** A request for each unit, so that each ends on its own; nothing ahead. */
  private static final FetchPolicy POLICY = new FetchPolicy(UNIT, UNIT, 0, UNITS * UNIT);

  private final Path directory;
  private final CacheFixture threads = new CacheFixture();
  private final FetchStatistics statistics = new FetchStatistics();
  private final Flights flights = new Flights();
  private final Lanes lanes = new Lanes(1, Duration.ofMillis(50), System::nanoTime);
  private final AtomicInteger fetching = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final byte[] content = CacheFixture.content(4, SIZE);
  private final GatedOrigin origin = new GatedOrigin(content, UNIT / PIECES);
  private final BlobCache cache;
  private final CachedBlob cached;
  private final LazyBlob blob;
  private final int mapDependents;

  LazyBlobConcurrencyTest(@TempDir Path directory) throws IOException {
    this.directory = directory.toRealPath();
    cache = threads.open(directory);
    cached = cache.blob(new BlobKey(Digest.of(content), SIZE));
    Fetcher fetcher = new Fetcher(cached, origin, POLICY, flights, lanes, counted(), statistics);
    mapDependents = dependentsOfAFlightThatNobodyWaitsFor();
    blob = new LazyBlob(cached, fetcher, new ReadAhead(SIZE, POLICY), counted(), statistics);
  }

  /** Returns how many times the map of flights itself is told of an outcome. */
  private int dependentsOfAFlightThatNobodyWaitsFor() {
    Flight flight = flights.join(unit(0)).orElseThrow();
    int dependents = flight.outcome().getNumberOfDependents();
    flights.fail(flight, new Flights.Failure(origin, new IOException("never begun")));
    return dependents;
  }

  private Executor counted() {
    return task -> {
      fetching.incrementAndGet();
      threads
          .threads()
          .execute(() -> {
            try {
              task.run();
            } finally {
              fetching.decrementAndGet();
            }
          });
    };
  }

  @BeforeEach
  void findsOpenFiles() throws IOException {
    assertThat(openFiles()).hasSizeGreaterThan(2);
  }

  /** What has to hold after every test: no flight, no fetch, no descriptor is left. */
  @AfterEach
  void nothingLeaks() throws IOException {
    await().until(() -> fetching.get() == 0);
    for (int unit = 0; unit < UNITS; unit++) {
      Optional<Flight> flight = flights.join(unit(unit));
      assertThat(flight.isEmpty() || flight.get().claimed()).as("no flight of %d", unit).isTrue();
    }
    blob.close();
    cache.close();
    threads.close();
    assertThat(openFiles()).isEmpty();
  }

  private Unit unit(int number) {
    return new Unit(cached, new ByteRange((long) number * UNIT, (number + 1L) * UNIT));
  }

  private List<String> openFiles() throws IOException {
    List<String> open = new ArrayList<>();
    try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        try {
          Path target = Files.readSymbolicLink(descriptor);
          if (target.startsWith(directory)) {
            open.add(target.toString());
          }
        } catch (IOException e) {
          // It was closed meanwhile, as that of this very listing is.
          continue;
        }
      }
    }
    return open;
  }

  /** A reader of a range; its end is counted. */
  private record Reader(int offset, int length, Future<byte[]> bytes) {
    boolean touches(Answer answer) {
      return answer.range().overlaps(offset, offset + length);
    }
  }

  private Reader reader(int offset, int length) {
    return new Reader(
        offset,
        length,
        threads
            .threads()
            .submit(() -> {
              try {
                return read(blob, offset, length);
              } finally {
                ended.incrementAndGet();
              }
            }));
  }

  private void assertRight(Reader reader, String at) throws Exception {
    assertThat(reader.bytes.get())
        .as("%s: %d bytes at %d", at, reader.length, reader.offset)
        .isEqualTo(Arrays.copyOfRange(content, reader.offset, reader.offset + reader.length));
  }

  private List<Answer> answers(int count) throws InterruptedException {
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(origin.awaitAnswer());
    }
    return answers;
  }

  /** Returns when each reader that meets an absent unit waits for the first of them. */
  private void awaitWaiting(List<Reader> readers) {
    int[] waiting = new int[UNITS];
    for (Reader reader : readers) {
      int unit = reader.offset / UNIT;
      while (unit * UNIT < reader.offset + reader.length && unit(unit).isPresent()) {
        unit++;
      }
      if (unit * UNIT < reader.offset + reader.length) {
        waiting[unit]++;
      }
    }
    for (int unit = 0; unit < UNITS; unit++) {
      if (waiting[unit] > 0) {
        awaitWaiting(unit, waiting[unit]);
      }
    }
  }

  /** Returns when so many wait for a unit, which is being fetched. */
  private void awaitWaiting(int unit, int count) {
    Flight flight = flights.join(unit(unit)).orElseThrow();
    assertThat(flight.claimed()).isFalse();
    await().until(() -> flight.outcome().getNumberOfDependents() == count + mapDependents);
  }

  private void bring(int firstUnit, int endUnit) throws Exception {
    Future<?> filling =
        threads
            .threads()
            .submit(() -> {
              blob.fill((long) firstUnit * UNIT, (long) (endUnit - firstUnit) * UNIT);
              return true;
            });
    for (Answer answer : answers(endUnit - firstUnit)) {
      answer.finish();
    }
    assertThat(filling.get()).isEqualTo(true);
  }

  /** Starts readers of overlapping ranges that together touch all units. */
  private List<Reader> overlappingReaders(Random random, int count) {
    List<Reader> readers = new ArrayList<>();
    readers.add(reader(0, SIZE));
    while (readers.size() < count) {
      int offset = random.nextInt(SIZE);
      readers.add(reader(offset, 1 + random.nextInt(Math.min(SIZE - offset, 5 * UNIT))));
    }
    return readers;
  }

  @Test
  void C1_inAnyOrderOfCompletionsEachReaderEndsOnceAndEachRangeIsFetchedOnce() throws Exception {
    long seed = 0xC1;
    Random random = new Random(seed);
    bring(2, 4);
    bring(7, 8);
    List<Reader> readers = overlappingReaders(random, 60);
    List<Answer> answers = answers(UNITS - 3);
    Collections.shuffle(answers, random);
    // A step of one, then of another: every fetch is at another point when one of them ends.
    List<Answer> steps = new ArrayList<>();
    for (int piece = 0; piece < PIECES; piece++) {
      steps.addAll(answers);
    }
    Collections.shuffle(steps, random);
    for (Answer step : steps) {
      step.give(1);
    }
    for (Reader reader : readers) {
      assertRight(reader, "seed " + seed);
    }
    assertThat(ended.get()).isEqualTo(readers.size());
    assertThat(origin.requests()).doesNotHaveDuplicates().hasSize(UNITS);
  }

  @Test
  void C3_aReaderOfPresentAndAbsentBytesWaitsForTheLastOfThem() throws Exception {
    bring(1, 2);
    Reader reader = reader(UNIT / 2, 2 * UNIT);
    List<Answer> answers = answers(2);
    for (Answer answer : answers) {
      answer.give(PIECES - 1);
    }
    answers.get(1).give(1);
    await().until(() -> blob.presentBytes() == 2 * UNIT);
    assertThat(reader.bytes.isDone()).isFalse();
    answers.get(0).give(1);
    assertRight(reader, "");
    assertThat(ended.get()).isEqualTo(1);
  }

  @Test
  void S1_4_otherRangesAreServedWhileOneWaits() throws Exception {
    bring(5, 6);
    Reader waiting = reader(0, UNIT);
    Answer first = origin.awaitAnswer();
    assertRight(reader(5 * UNIT, UNIT), "present");
    Reader other = reader(8 * UNIT + 7, 100);
    origin.awaitAnswer().finish();
    assertRight(other, "absent");
    assertThat(waiting.bytes.isDone()).isFalse();
    first.finish();
    assertRight(waiting, "the one that waited");
  }

  @Test
  void S1_7_failedFillDoesNotPoison() throws Exception {
    List<Reader> readers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      readers.add(reader(3 * UNIT + i, UNIT / 2));
    }
    Answer failing = origin.awaitAnswer();
    awaitWaiting(3, 20);
    failing.give(PIECES - 1);
    failing.fail();
    for (Reader reader : readers) {
      assertThatThrownBy(reader.bytes::get).hasCauseInstanceOf(FetchFailedException.class);
    }
    assertThat(ended.get()).isEqualTo(20);

    Reader again = reader(3 * UNIT, UNIT);
    origin.awaitAnswer().finish();
    assertRight(again, "after the failure");
    assertThat(origin.requests()).hasSize(2);
  }

  @Test
  void C4_ofTwoFailuresAReaderGetsTheFirstInItsRangeAndOnlyThat() throws Exception {
    Reader reader = reader(0, 3 * UNIT);
    List<Answer> answers = answers(3);
    answers.sort((a, b) -> Long.compare(a.range().start(), b.range().start()));
    answers.get(2).fail();
    answers.get(0).finish();
    await().until(() -> fetching.get() == 1);
    answers.get(1).fail();
    assertThatThrownBy(reader.bytes::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(FetchFailedException.class)
        .hasMessageContaining(answers.get(1).range().toString());
    assertThat(ended.get()).isEqualTo(1);
  }

  @Test
  void A1_whatFailsFailsWhoWantedItAndNobodyElseInAnyOrder() throws Exception {
    for (long seed = 0xA1; seed < 0xA1 + 20; seed++) {
      Random random = new Random(seed);
      int offset = random.nextInt(SIZE / 2);
      List<Reader> readers = List.of(reader(offset, UNIT), reader(offset, 3 * UNIT));
      int absent = absentUnits(offset, 3 * UNIT);
      List<Answer> answers = answers(absent);
      awaitWaiting(readers);
      Collections.shuffle(answers, random);
      List<Answer> failing = answers.subList(0, absent == 0 ? 0 : random.nextInt(absent));
      for (Answer answer : answers) {
        if (failing.contains(answer)) {
          answer.fail();
        } else {
          answer.finish();
        }
      }
      for (Reader reader : readers) {
        if (failing.stream().anyMatch(reader::touches)) {
          assertThatThrownBy(reader.bytes::get)
              .as("seed %d", seed)
              .hasCauseInstanceOf(FetchFailedException.class);
        } else {
          assertRight(reader, "seed " + seed);
        }
      }
      await().until(() -> fetching.get() == 0);
    }
  }

  private int absentUnits(int offset, int length) {
    int absent = 0;
    for (int unit = offset / UNIT; unit * UNIT < offset + length; unit++) {
      absent += unit(unit).isPresent() ? 0 : 1;
    }
    return absent;
  }

  @Test
  void S1_8_closingEndsEveryWaitingReaderAtWhateverPointItsFetchIs() throws Exception {
    List<Reader> readers = overlappingReaders(new Random(8), 40);
    List<Answer> answers = answers(UNITS);
    for (int i = 0; i < answers.size(); i++) {
      answers.get(i).give(i % PIECES);
    }
    blob.close();
    for (Reader reader : readers) {
      assertThatThrownBy(reader.bytes::get).hasCauseInstanceOf(BlobClosedException.class);
    }
    assertThat(ended.get()).isEqualTo(readers.size());
  }
}
