package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static io.lazerofs.fetcher.lazy.LazyBlobFixture.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is fetched before a reader comes: what exactly, and in whose way. */
@Timeout(60)
class LazyBlobAheadTest {
  private static final int BLOCK = 4096;
  private static final int SIZE = 100 * UNIT + 5000;

  private final LazyBlobFixture fixture;
  private final Origin origin;
  private final CountDownLatch gate = new CountDownLatch(1);

  LazyBlobAheadTest(@TempDir Path directory) throws IOException {
    fixture = new LazyBlobFixture(directory, SIZE);
    origin = new Origin(fixture.content);
  }

  @AfterEach
  void leaveNothingBehind() throws IOException {
    gate.countDown();
    fixture.close();
    assertThat(origin.active()).isZero();
  }

  private Future<Boolean> aheadAsync(LazyBlob blob, long offset, long length) {
    return fixture.async(() -> {
      blob.fetchAhead(offset, length);
      return true;
    });
  }

  private void stallAll() {
    origin.answer((offset, length, sink) -> {
      Origin.stall(gate);
      origin.giveAll(offset, length, sink);
    });
  }

  @Test
  void fetchesTheBlocksOfARangeAndNothingBeside() throws IOException {
    try (LazyBlob blob = fixture.open(origin)) {
      blob.fetchAhead(3 * UNIT + BLOCK + 1, BLOCK);
      assertThat(origin.requests())
          .containsExactly(new ByteRange(3 * UNIT + BLOCK, 3 * UNIT + 3 * BLOCK));
      blob.fetchAhead(SIZE - 1, 1);
      assertThat(origin.requests().getLast()).isEqualTo(new ByteRange(100 * UNIT + BLOCK, SIZE));
      blob.fetchAhead(SIZE - 1, 1);
      blob.fetchAhead(7, 0);
      assertThat(origin.requests()).hasSize(2);
      assertThatThrownBy(() -> blob.fetchAhead(SIZE, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void fetchesNoBlockThatIsPresent() throws IOException {
    try (LazyBlob blob = fixture.open(origin)) {
      blob.fetchAhead(UNIT + 2 * BLOCK, BLOCK);
      blob.fetchAhead(2 * UNIT, BLOCK);
      blob.fetchAhead(UNIT, 2 * UNIT);
      assertThat(origin.requestedBytes()).isEqualTo(2 * UNIT);
      assertThat(blob.presentBytes()).isEqualTo(2 * UNIT);
      assertThat(read(blob, UNIT, 2 * UNIT)).isEqualTo(fixture.slice(UNIT, 2 * UNIT));
      assertThat(origin.requestedBytes()).isEqualTo(2 * UNIT);
    }
  }

  @Test
  void aReaderOfTheRestOfAUnitWaitsForThePartAndGetsTheRest() throws Exception {
    stallAll();
    try (LazyBlob blob = fixture.open(origin)) {
      var part = aheadAsync(blob, UNIT, BLOCK);
      await().until(() -> origin.active() == 1);
      var reader = fixture.readAsync(blob, UNIT, UNIT);
      await().until(() -> fixture.statistics.snapshot().misses() == 1);
      gate.countDown();
      assertThat(part.get()).isTrue();
      assertThat(reader.get()).isEqualTo(fixture.slice(UNIT, UNIT));
      assertThat(origin.requests())
          .containsExactly(
              new ByteRange(UNIT, UNIT + BLOCK), new ByteRange(UNIT + BLOCK, 2 * UNIT));
    }
  }

  @Test
  void comesThroughAmongReadersWhoDoNotWaitForIt() throws Exception {
    stallAll();
    try (LazyBlob blob = fixture.open(origin)) {
      var reader = fixture.readAsync(blob, 9 * UNIT, 1);
      await().until(() -> origin.active() == 1);
      var ahead = aheadAsync(blob, 0, 2 * UNIT);
      var joins = fixture.readAsync(blob, 20 * UNIT, 1);
      await().until(() -> origin.requests().contains(new ByteRange(20 * UNIT, 21 * UNIT)));
      gate.countDown();
      assertThat(reader.get()).isEqualTo(fixture.slice(9 * UNIT, 1));
      assertThat(joins.get()).isEqualTo(fixture.slice(20 * UNIT, 1));
      assertThat(ahead.get()).isTrue();
      assertThat(blob.presentBytes()).isEqualTo(4 * UNIT);
    }
  }

  @Test
  void aFailureIsToldAndTheNextCallTriesAgain() throws IOException {
    try (LazyBlob blob = fixture.open(origin)) {
      origin.answer((offset, length, sink) -> {
        throw new IOException("503");
      });
      assertThatThrownBy(() -> blob.fetchAhead(0, BLOCK))
          .isInstanceOf(FetchFailedException.class)
          .hasMessageContaining("503");
      origin.answerNormally();
      blob.fetchAhead(0, BLOCK);
      assertThat(blob.presentBytes()).isEqualTo(BLOCK);
    }
  }

  @Test
  void closingEndsWhatWaitsForItsTurn() throws Exception {
    stallAll();
    LazyBlob blob = fixture.open(origin);
    List<Future<Boolean>> ahead = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ahead.add(aheadAsync(blob, i * 3L * UNIT, UNIT));
    }
    await().until(() -> origin.active() == LazyBlobFixture.POLICY.aheadConnections());
    blob.close();
    for (Future<Boolean> each : ahead) {
      assertThatThrownBy(each::get).hasCauseInstanceOf(BlobClosedException.class);
    }
  }

  @Test
  void readersAndWhoeverFetchesAheadTogetherFetchNoBlockByTwoAtOnce() throws Exception {
    long seed = 0xAEAD;
    Random random = new Random(seed);
    BitSet underWay = new BitSet();
    origin.answer((offset, length, sink) -> {
      int first = (int) (offset / BLOCK);
      int end = (int) ((offset + length + BLOCK - 1) / BLOCK);
      synchronized (underWay) {
        assertThat(underWay.get(first, end).isEmpty()).as("seed %d: %d", seed, offset).isTrue();
        underWay.set(first, end);
      }
      try {
        origin.giveAll(offset, length, sink);
      } finally {
        synchronized (underWay) {
          underWay.clear(first, end);
        }
      }
    });
    try (LazyBlob blob = fixture.open(origin)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        int offset = random.nextInt(SIZE);
        int length = 1 + random.nextInt(Math.min(SIZE - offset, 5 * UNIT));
        boolean ahead = random.nextBoolean();
        all.add(
            fixture.async(() -> {
              if (ahead) {
                blob.fetchAhead(offset, length);
              } else {
                assertThat(read(blob, offset, length)).isEqualTo(fixture.slice(offset, length));
              }
              return true;
            }));
      }
      for (Future<?> each : all) {
        assertThat(each.get()).as("seed %d", seed).isEqualTo(true);
      }
      assertThat(origin.requestedBytes()).isLessThan(SIZE + SIZE / 4);
    }
  }
}
