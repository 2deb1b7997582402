package io.lazerofs.fetcher.lazy;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.cache.CacheFixture;
import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.fetcher.lazy.Lanes.Turn;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LanesTest {
  private static final int CONNECTIONS = 3;
  private static final int SIZE = 1 << 20;
  private static final Duration PATIENCE = Duration.ofMillis(50);

  private final CacheFixture threads = new CacheFixture();
  private final BlobCache cache;
  private final CachedBlob one;
  private final CachedBlob other;
  private final AtomicLong now = new AtomicLong(-7);
  private final Lanes lanes = new Lanes(CONNECTIONS, PATIENCE, now::get);

  LanesTest(@TempDir Path directory) throws IOException {
    cache = threads.open(directory);
    one = cache.blob(new BlobKey(Digest.of(new byte[] {1}), SIZE));
    other = cache.blob(new BlobKey(Digest.of(new byte[] {2}), SIZE));
  }

  @AfterEach
  void close() throws IOException {
    one.close();
    other.close();
    cache.close();
    threads.close();
  }

  private Turn enter(Lane lane, CachedBlob blob) {
    return lanes.enter(lane, blob, new ByteRange(0, 4096));
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void demandBeginsAtOnceHoweverMuchThereIs() {
    for (int i = 0; i < 100; i++) {
      assertThat(enter(Lane.DEMAND, one).mayBegin()).isTrue();
    }
  }

  @Test
  void whatIsAheadHasALimitedNumberOfConnectionsAndReadersGoBeforeTheBackground() {
    List<Turn> begun = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      begun.add(enter(Lane.BACKGROUND, one));
    }
    Turn background = enter(Lane.BACKGROUND, other);
    Turn readAhead = enter(Lane.READ_AHEAD, other);
    assertThat(begun).allMatch(Turn::mayBegin);
    pass(PATIENCE.multipliedBy(10));
    assertThat(background.mayBegin()).isFalse();
    assertThat(readAhead.mayBegin()).isFalse();
    begun.getFirst().end();
    begun.getFirst().end();
    assertThat(readAhead.mayBegin()).isTrue();
    assertThat(background.mayBegin()).isFalse();
    readAhead.end();
    assertThat(background.mayBegin()).isTrue();
  }

  @Test
  void theBackgroundWaitsForAllDemandAndReadAheadForThatOfOtherBlobs() {
    Turn demand = enter(Lane.DEMAND, one);
    Turn ownReadAhead = enter(Lane.READ_AHEAD, one);
    Turn otherReadAhead = enter(Lane.READ_AHEAD, other);
    Turn background = enter(Lane.BACKGROUND, one);
    assertThat(ownReadAhead.mayBegin()).isTrue();
    assertThat(otherReadAhead.mayBegin()).isFalse();
    assertThat(background.mayBegin()).isFalse();
    assertThat(lanes.isBusy(Lane.READ_AHEAD, one)).isFalse();
    assertThat(lanes.isBusy(Lane.READ_AHEAD, other)).isTrue();
    assertThat(lanes.isBusy(Lane.BACKGROUND, one)).isTrue();
    demand.end();
    assertThat(otherReadAhead.mayBegin()).isTrue();
    assertThat(background.mayBegin()).isTrue();
    assertThat(lanes.isBusy(Lane.BACKGROUND, one)).isFalse();
  }

  @Test
  void aStartWaitsForNoDemandAndHasOnlyItsShareOfTheConnections() {
    enter(Lane.DEMAND, one);
    enter(Lane.DEMAND, other);
    List<Turn> begun = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      begun.add(enter(Lane.START, one));
    }
    Turn next = enter(Lane.START, one);
    assertThat(begun).allMatch(Turn::mayBegin);
    assertThat(next.mayBegin()).isFalse();
    begun.getFirst().end();
    assertThat(next.mayBegin()).isTrue();
  }

  @Test
  void underDemandWithoutEndTheOneThatWaitsLongestBeginsEachTimeThePatienceIsOver() {
    enter(Lane.DEMAND, one);
    Turn first = enter(Lane.BACKGROUND, other);
    Turn second = enter(Lane.READ_AHEAD, other);
    pass(PATIENCE.minusNanos(1));
    assertThat(first.mayBegin()).isFalse();
    pass(Duration.ofNanos(1));
    assertThat(first.mayBegin()).isTrue();
    assertThat(second.mayBegin()).isFalse();
    pass(PATIENCE);
    assertThat(second.mayBegin()).isTrue();
  }

  @Test
  void aReaderThatComesToWaitForARequestLetsItBegin() {
    enter(Lane.DEMAND, other);
    for (int i = 0; i < CONNECTIONS; i++) {
      lanes.enter(Lane.READ_AHEAD, other, new ByteRange(0, 4096));
    }
    Turn awaited = lanes.enter(Lane.BACKGROUND, one, new ByteRange(8192, 16384));
    Turn next = lanes.enter(Lane.BACKGROUND, one, new ByteRange(16384, 32768));
    lanes.hurry(other, new ByteRange(8192, 16384));
    lanes.hurry(one, new ByteRange(0, 8192));
    assertThat(awaited.mayBegin()).isFalse();
    lanes.hurry(one, new ByteRange(12288, 16384));
    assertThat(awaited.mayBegin()).isTrue();
    assertThat(next.mayBegin()).isFalse();
  }

  @Test
  void aTurnThatEndsBeforeItBeganTakesNoConnection() {
    Turn demand = enter(Lane.DEMAND, one);
    for (int i = 0; i < 10 * CONNECTIONS; i++) {
      enter(Lane.BACKGROUND, other).end();
    }
    Turn last = enter(Lane.BACKGROUND, other);
    demand.end();
    assertThat(last.mayBegin()).isTrue();
  }

  @Test
  void whoWaitsGoesOnWhenDemandEndsOrWhenItIsInterrupted() throws Exception {
    Turn demand = enter(Lane.DEMAND, one);
    Turn waits = enter(Lane.READ_AHEAD, other);
    Turn gives = enter(Lane.BACKGROUND, other);
    Future<Boolean> begins = threads.threads().submit(() -> awaitTurn(waits));
    Thread interrupted = Thread.ofVirtual().start(() -> assertThat(awaitTurn(gives)).isFalse());
    interrupted.interrupt();
    interrupted.join();
    assertThat(begins.isDone()).isFalse();
    demand.end();
    assertThat(begins.get()).isTrue();
  }

  @Test
  void whoWaitsGoesOnWhenThePatienceIsOver() throws Exception {
    Lanes impatient = new Lanes(1, Duration.ofMillis(2), System::nanoTime);
    impatient.enter(Lane.DEMAND, one, new ByteRange(0, 4096));
    Turn first = impatient.enter(Lane.BACKGROUND, other, new ByteRange(0, 4096));
    Turn second = impatient.enter(Lane.BACKGROUND, other, new ByteRange(0, 4096));
    Future<Boolean> begins = threads.threads().submit(() -> awaitTurn(first));
    Future<Boolean> beginsThen = threads.threads().submit(() -> awaitTurn(second));
    assertThat(begins.get()).isTrue();
    first.end();
    assertThat(beginsThen.get()).isTrue();
  }

  private static boolean awaitTurn(Turn turn) {
    try {
      turn.await();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Test
  void inAnyOrderEveryRequestBeginsAndNeverTooManyAtOnce() throws Exception {
    long seed = 0x1A7E;
    Random random = new Random(seed);
    List<Turn> open = new ArrayList<>();
    List<Turn> begun = new ArrayList<>();
    for (int step = 0; step < 5000; step++) {
      pass(Duration.ofMillis(random.nextInt(10)));
      if (random.nextInt(5) < 2 && open.size() < 50) {
        Lane lane = Lane.values()[random.nextInt(3)];
        open.add(enter(lane, random.nextBoolean() ? one : other));
      } else if (!begun.isEmpty()) {
        begun.remove(random.nextInt(begun.size())).end();
      }
      open.removeIf(turn -> turn.mayBegin() && begun.add(turn));
      assertThat(begun.stream().filter(turn -> turn.lane() != Lane.DEMAND).count())
          .as("seed %d, step %d", seed, step)
          .isLessThanOrEqualTo(CONNECTIONS);
    }
    while (!begun.isEmpty()) {
      begun.removeFirst().end();
      open.removeIf(turn -> turn.mayBegin() && begun.add(turn));
    }
    assertThat(open).as("seed %d", seed).isEmpty();
    assertThat(lanes.isBusy(Lane.BACKGROUND, one)).isFalse();
  }
}
