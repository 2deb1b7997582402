package io.lazerofs.snapshotter.prefetch;

import static io.lazerofs.snapshotter.prefetch.BlobFixture.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.trace.AheadStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Blobs are completed at a pace, while nobody reads; time is the test's. */
@Timeout(60)
class BackgroundCompletionTest {
  private static final int SIZE = 1000 * BLOCK;
  private static final int RATE = 100 * BLOCK;

  private final AtomicLong nanoTime = new AtomicLong(1234);
  private final AtomicLong demand = new AtomicLong();
  private final AtomicBoolean room = new AtomicBoolean(true);
  private final AheadStatistics statistics = new AheadStatistics();
  @TempDir private Path directory;
  private BlobFixture fixture;
  private LazyBlob one;
  private LazyBlob other;

  @BeforeEach
  void open() throws IOException {
    fixture = new BlobFixture(directory);
    one = fixture.open(BlobFixture.content(new byte[0], SIZE));
    other = fixture.open(BlobFixture.content(new byte[0], SIZE + BLOCK));
  }

  @AfterEach
  void close() throws IOException {
    one.close();
    other.close();
    fixture.close();
  }

  private BackgroundCompletion completion(long rate) {
    return new BackgroundCompletion(
        rate, () -> List.of(one, other), demand::get, room::get, nanoTime::get, statistics);
  }

  private void pass(Duration time) {
    nanoTime.addAndGet(time.toNanos());
  }

  @Test
  void nothingIsFetchedBeforeNobodyReadForAWhile() {
    BackgroundCompletion completion = completion(RATE);
    pass(BackgroundCompletion.IDLE.minusMillis(1));
    completion.step();
    assertThat(statistics.backgroundBytes()).isZero();
    demand.incrementAndGet();
    pass(Duration.ofMillis(1));
    completion.step();
    assertThat(statistics.backgroundBytes()).as("somebody read").isZero();
    pass(BackgroundCompletion.IDLE);
    completion.step();
    assertThat(statistics.backgroundBytes()).isPositive();
  }

  @Test
  void noMoreIsFetchedThanThePaceAllowsHoweverLongItWasQuiet() {
    BackgroundCompletion completion = completion(RATE);
    pass(Duration.ofHours(1));
    completion.step();
    assertThat(statistics.backgroundBytes()).isBetween(RATE / 3L, (long) RATE);
    for (int tenth = 0; tenth < 50; tenth++) {
      pass(Duration.ofMillis(100));
      completion.step();
    }
    assertThat(statistics.backgroundBytes()).isBetween(5L * RATE, 6L * RATE);
  }

  @Test
  void aPaceBelowABlockASecondStillFetchesABlockNowAndThen() {
    BackgroundCompletion completion = completion(BLOCK / 10);
    pass(BackgroundCompletion.IDLE);
    completion.step();
    assertThat(statistics.backgroundBytes()).isZero();
    pass(Duration.ofSeconds(6));
    completion.step();
    assertThat(statistics.backgroundBytes()).isEqualTo(BLOCK);
  }

  @Test
  void aReadStopsItAtOnceBeforeTheNextPiece() {
    BackgroundCompletion completion =
        new BackgroundCompletion(
            SIZE,
            () -> {
              // Somebody reads as soon as something is fetched.
              demand.set(fixture.offsets.size());
              return List.of(one, other);
            },
            demand::get,
            room::get,
            nanoTime::get,
            statistics);
    pass(BackgroundCompletion.IDLE);
    completion.step();
    completion.step();
    assertThat(statistics.backgroundBytes()).isBetween(1L, 2L * BackgroundCompletion.PIECE_BYTES);
  }

  @Test
  void aCacheWithoutRoomIsLeftAsItIs() {
    BackgroundCompletion completion = completion(RATE);
    pass(BackgroundCompletion.IDLE);
    room.set(false);
    completion.step();
    assertThat(statistics.backgroundBytes()).isZero();
  }

  @Test
  void allBlobsAreCompleteInTheEndAndNothingIsFetchedTwice() throws IOException {
    one.fill(10 * BLOCK, 50 * BLOCK);
    long present = one.presentBytes();
    BackgroundCompletion completion = completion(RATE);
    for (int second = 0; second < 60; second++) {
      pass(Duration.ofSeconds(1));
      completion.step();
    }
    assertThat(one.presentBytes()).isEqualTo(one.size());
    assertThat(other.presentBytes()).isEqualTo(other.size());
    assertThat(statistics.backgroundBytes()).isEqualTo(one.size() + other.size() - present);
    assertThat(fixture.reads.snapshot().fetchedBytes()).isEqualTo(one.size() + other.size());
  }

  @Test
  void aRegistryThatFailsIsLeftAloneForAWhile() {
    BackgroundCompletion completion = completion(RATE);
    fixture.failing.set(true);
    pass(BackgroundCompletion.IDLE);
    completion.step();
    pass(Duration.ofSeconds(1));
    completion.step();
    assertThat(statistics.failures()).isEqualTo(1);
    fixture.failing.set(false);
    pass(BackgroundCompletion.IDLE);
    completion.step();
    assertThat(statistics.backgroundBytes()).isPositive();
  }
}
