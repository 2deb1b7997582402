package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static io.lazerofs.fetcher.lazy.LazyBlobFixture.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.cache.DigestMismatchException;
import io.lazerofs.fetcher.cache.WrongLengthException;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LazyBlobTest {
  private static final int SIZE = 40 * UNIT + 5000;

  private final LazyBlobFixture fixture;
  private final Origin origin;
  private final CountDownLatch gate = new CountDownLatch(1);

  LazyBlobTest(@TempDir Path directory) throws IOException {
    fixture = new LazyBlobFixture(directory, SIZE);
    origin = new Origin(fixture.content);
  }

  @BeforeEach
  void startEmpty() {
    assertThat(origin.requests()).isEmpty();
  }

  @AfterEach
  void leaveNothingBehind() throws IOException {
    gate.countDown();
    fixture.close();
    assertThat(origin.active()).isZero();
  }

  @Test
  void readsAbsentBytesByFillingTheirUnitsOnly() throws IOException {
    try (LazyBlob blob = fixture.open(origin)) {
      assertThatThrownBy(() -> blob.read(3 * UNIT + 9, MemorySegment.ofArray(new byte[5])))
          .isInstanceOf(AbsentException.class);
      assertThat(origin.requests()).isEmpty();

      assertThat(read(blob, 3 * UNIT + 9, 100)).isEqualTo(fixture.slice(3 * UNIT + 9, 100));
      assertThat(read(blob, 4 * UNIT - 9, 9)).isEqualTo(fixture.slice(4 * UNIT - 9, 9));

      assertThat(origin.requests()).containsExactly(new ByteRange(3 * UNIT, 4 * UNIT));
      assertThat(blob.presentBytes()).isEqualTo(UNIT);
      assertThat(fixture.statistics.snapshot())
          .isEqualTo(new FetchStatistics.Snapshot(2, 2, 1, 0, UNIT, 0, 0));
    }
  }

  @Test
  void readsTheLastPartOfTheBlob() throws IOException {
    try (LazyBlob blob = fixture.open(origin)) {
      assertThat(read(blob, SIZE - 1, 1)).isEqualTo(fixture.slice(SIZE - 1, 1));
      assertThat(origin.requests()).containsExactly(new ByteRange(40 * UNIT, SIZE));
      assertThatThrownBy(() -> read(blob, SIZE - 1, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> blob.fill(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(read(blob, SIZE, 0)).isEmpty();
    }
  }

  @Test
  void readersOfOneRangeShareOneRequest() throws Exception {
    origin.answer((offset, length, sink) -> {
      Origin.stall(gate);
      origin.giveAll(offset, length, sink);
    });
    try (LazyBlob blob = fixture.open(origin)) {
      List<Future<byte[]>> readers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        readers.add(fixture.readAsync(blob, 2 * UNIT + i, UNIT / 2));
      }
      await().until(() -> fixture.statistics.snapshot().misses() == 50);
      gate.countDown();
      for (int i = 0; i < 50; i++) {
        assertThat(readers.get(i).get()).isEqualTo(fixture.slice(2 * UNIT + i, UNIT / 2));
      }
    }
    assertThat(origin.requests()).containsExactly(new ByteRange(2 * UNIT, 3 * UNIT));
  }

  @Test
  void overlappingRangesFetchEachUnitOnce() throws Exception {
    origin.answer((offset, length, sink) -> {
      Origin.stall(gate);
      origin.giveAll(offset, length, sink);
    });
    try (LazyBlob blob = fixture.open(origin)) {
      var first = fixture.fillAsync(blob, 4 * UNIT, 4 * UNIT);
      await().until(() -> origin.requests().size() == 1);
      var second = fixture.fillAsync(blob, 2 * UNIT, 10 * UNIT);
      await().until(() -> origin.requests().size() == 3);
      gate.countDown();
      assertThat(first.get()).isTrue();
      assertThat(second.get()).isTrue();
    }
    assertThat(origin.requests())
        .containsExactlyInAnyOrder(
            new ByteRange(4 * UNIT, 8 * UNIT),
            new ByteRange(2 * UNIT, 4 * UNIT),
            new ByteRange(8 * UNIT, 12 * UNIT));
  }

  @Test
  void aReaderOfTheFirstUnitGoesOnWhileTheRestIsOnItsWay() throws Exception {
    origin.answer((offset, length, sink) -> {
      origin.give(offset, UNIT, sink);
      Origin.stall(gate);
      origin.giveAll(offset + UNIT, length - UNIT, sink);
    });
    try (LazyBlob blob = fixture.open(origin)) {
      var all = fixture.fillAsync(blob, 0, 8 * UNIT);
      await().until(() -> origin.active() == 1);
      assertThat(read(blob, 100, 1000)).isEqualTo(fixture.slice(100, 1000));
      assertThat(all.isDone()).isFalse();
      gate.countDown();
      assertThat(all.get()).isTrue();
      assertThat(origin.requests()).hasSize(1);
    }
  }

  @Test
  void aFailureReachesAllWhoWaitAndTheNextReadTriesAgain() throws Exception {
    origin.answer((offset, length, sink) -> {
      Origin.stall(gate);
      throw new IOException("registry says 503");
    });
    try (LazyBlob blob = fixture.open(origin)) {
      List<Future<byte[]>> readers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        readers.add(fixture.readAsync(blob, 0, 10));
      }
      await().until(() -> fixture.statistics.snapshot().misses() == 10);
      gate.countDown();
      for (Future<byte[]> reader : readers) {
        assertThatThrownBy(reader::get)
            .cause()
            .isInstanceOf(FetchFailedException.class)
            .hasMessageContaining("registry says 503")
            .hasMessageContaining(fixture.digest.toString());
      }
      assertThat(blob.presentBytes()).isZero();

      origin.answerNormally();
      assertThat(read(blob, 0, 10)).isEqualTo(fixture.slice(0, 10));
    }
  }

  @Test
  void keepsWhatCameBeforeAFailureAndFetchesOnlyTheRest() throws IOException {
    origin.answer((offset, length, sink) -> {
      origin.giveAll(offset, UNIT + 5000, sink);
      throw new IOException("reset");
    });
    try (LazyBlob blob = fixture.open(origin)) {
      assertThatThrownBy(() -> blob.fill(0, 2 * UNIT)).hasMessageContaining("reset");
      assertThat(read(blob, 0, UNIT + 4096)).isEqualTo(fixture.slice(0, UNIT + 4096));
      origin.answerNormally();
      assertThat(read(blob, 0, 2 * UNIT)).isEqualTo(fixture.slice(0, 2 * UNIT));
    }
    assertThat(origin.requests().getLast()).isEqualTo(new ByteRange(UNIT + 4096, 2 * UNIT));
  }

  @Test
  void refusesTooFewAndTooManyBytes() throws IOException {
    try (LazyBlob blob = fixture.open(origin)) {
      origin.answer((offset, length, sink) -> origin.giveAll(offset, length - 1, sink));
      assertThatThrownBy(() -> blob.fill(0, 1))
          .isInstanceOf(FetchFailedException.class)
          .hasCauseInstanceOf(WrongLengthException.class);
      assertThatThrownBy(() -> blob.read(UNIT - 1, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(AbsentException.class);

      origin.answer((offset, length, sink) -> origin.give(offset, length + 1, sink));
      assertThatThrownBy(() -> blob.fill(UNIT, 1))
          .isInstanceOf(FetchFailedException.class)
          .hasCauseInstanceOf(WrongLengthException.class);
      assertThatThrownBy(() -> blob.read(UNIT, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(AbsentException.class);
    }
  }

  @Test
  void aBugInTheReaderFailsTheFillAndNotTheProcess() throws IOException {
    origin.answer((offset, length, sink) -> {
      throw new IllegalStateException("bug");
    });
    try (LazyBlob blob = fixture.open(origin)) {
      assertThatThrownBy(() -> blob.fill(0, 1))
          .isInstanceOf(FetchFailedException.class)
          .hasMessageContaining("bug");
    }
  }

  @Test
  void coalescesNeighboursIntoRequestsOfLimitedLength() throws IOException {
    try (LazyBlob blob = fixture.open(origin)) {
      blob.fill(5 * UNIT, 1);
      blob.fill(UNIT, 16 * UNIT);
    }
    assertThat(origin.requests())
        .containsExactlyInAnyOrder(
            new ByteRange(5 * UNIT, 6 * UNIT),
            new ByteRange(UNIT, 5 * UNIT),
            new ByteRange(6 * UNIT, 14 * UNIT),
            new ByteRange(14 * UNIT, 17 * UNIT));
  }

  @Test
  void aFillOfEverythingHasALimitedNumberOfBytesUnderWay() throws IOException {
    origin.answer((offset, length, sink) -> {
      assertThat(origin.active()).isLessThanOrEqualTo(2);
      origin.giveAll(offset, length, sink);
    });
    try (LazyBlob blob = fixture.open(origin)) {
      blob.fill(0, SIZE);
      assertThat(read(blob, 0, SIZE)).isEqualTo(fixture.content);
    }
    assertThat(origin.requestedBytes()).isEqualTo(SIZE);
  }

  @Test
  void readAheadRunsBesideTheReaderAndNeverDelaysIt() throws IOException {
    origin.answer((offset, length, sink) -> {
      if (offset >= 2 * UNIT) {
        Origin.stall(gate);
      }
      origin.giveAll(offset, length, sink);
    });
    try (LazyBlob blob = fixture.open(origin)) {
      read(blob, 0, UNIT);
      read(blob, UNIT, UNIT);
      await().until(() -> origin.requests().contains(new ByteRange(2 * UNIT, 4 * UNIT)));
      gate.countDown();
      read(blob, 2 * UNIT, UNIT);
      await().until(() -> origin.requests().contains(new ByteRange(4 * UNIT, 8 * UNIT)));
      await().until(() -> origin.active() == 0);
      assertThat(origin.requests()).hasSize(4);
    }
  }

  @Test
  void aSequentialReaderFetchesEverythingOnceInFewRequests() throws IOException {
    try (LazyBlob blob = fixture.open(origin)) {
      for (int at = 0; at < SIZE; at += UNIT / 4) {
        int length = Math.min(UNIT / 4, SIZE - at);
        assertThat(read(blob, at, length)).isEqualTo(fixture.slice(at, length));
      }
    }
    assertThat(origin.requestedBytes()).isEqualTo(SIZE);
    assertThat(origin.requests()).hasSizeLessThan(10);
  }

  @Test
  void aPrefetchIsNotWaitedForAndIsSharedWithReaders() throws Exception {
    origin.answer((offset, length, sink) -> {
      Origin.stall(gate);
      origin.giveAll(offset, length, sink);
    });
    try (LazyBlob blob = fixture.open(origin)) {
      blob.prefetch(0, 4 * UNIT);
      await().until(() -> origin.requests().size() == 1);
      var reader = fixture.readAsync(blob, UNIT, 10);
      await().until(() -> fixture.statistics.snapshot().misses() == 1);
      gate.countDown();
      assertThat(reader.get()).isEqualTo(fixture.slice(UNIT, 10));
      await().until(() -> blob.presentBytes() == 4 * UNIT);
      assertThat(origin.requests()).hasSize(1);
    }
  }

  @Test
  void aBlobThatIsNotWhatItsDigestNamesIsRefusedToReaders() throws IOException {
    Digest other = Digest.of(new byte[] {1});
    try (LazyBlob blob = fixture.open(other, origin)) {
      // The check of the whole runs on its own: this fill may meet its outcome already.
      var met = catchThrowable(() -> blob.fill(0, SIZE));
      assertThat(Optional.ofNullable(met))
          .matches(e -> e.isEmpty() || e.get() instanceof DigestMismatchException);
      await().until(() -> blob.presentBytes() == 0);
      assertThatThrownBy(() -> read(blob, 0, 10)).isInstanceOf(DigestMismatchException.class);
    }
  }

  @Test
  void aCompleteBlobIsReadFromMemory() throws IOException {
    try (LazyBlob blob = fixture.open(origin)) {
      assertThat(blob.memory()).isEqualTo(MemorySegment.NULL);
      blob.fill(0, SIZE);
      await().until(() -> !blob.memory().equals(MemorySegment.NULL));
      assertThat(blob.memory().asSlice(10, 20).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(fixture.slice(10, 20));
    }
  }

  @Test
  void closingEndsFillsAndWhoWaitsForThem() throws Exception {
    origin.answer((offset, length, sink) -> Origin.stall(gate));
    LazyBlob blob = fixture.open(origin);
    var reader = fixture.readAsync(blob, 0, 10);
    await().until(() -> origin.active() == 1);
    blob.close();
    assertThat(origin.active()).isZero();
    assertThatThrownBy(reader::get).hasCauseInstanceOf(BlobClosedException.class);
    assertThatThrownBy(() -> read(blob, 0, 1)).isInstanceOf(BlobClosedException.class);
    assertThatThrownBy(() -> blob.fill(0, 1)).isInstanceOf(BlobClosedException.class);
    blob.close();
  }

  @Test
  void anInterruptedReaderStopsWaitingAndTheFillGoesOn() throws Exception {
    origin.answer((offset, length, sink) -> {
      Origin.stall(gate);
      origin.giveAll(offset, length, sink);
    });
    try (LazyBlob blob = fixture.open(origin)) {
      AtomicReference<Thread> waiter = new AtomicReference<>();
      var reader =
          fixture.async(() -> {
            waiter.set(Thread.currentThread());
            return read(blob, 0, 10);
          });
      await().until(() -> origin.active() == 1);
      waiter.get().interrupt();
      assertThatThrownBy(reader::get).hasCauseInstanceOf(InterruptedIOException.class);
      gate.countDown();
      await().until(() -> blob.presentBytes() == UNIT);
    }
  }

  @Test
  void twoUsersOfABlobShareWhatEachFetches() throws Exception {
    Origin second = new Origin(fixture.content);
    origin.answer((offset, length, sink) -> {
      Origin.stall(gate);
      origin.giveAll(offset, length, sink);
    });
    try (LazyBlob one = fixture.open(origin);
        LazyBlob other = fixture.open(second)) {
      var reader = fixture.readAsync(one, 0, 10);
      await().until(() -> origin.active() == 1);
      var joined = fixture.readAsync(other, 5, 10);
      await().until(() -> fixture.statistics.snapshot().misses() == 2);
      gate.countDown();
      assertThat(reader.get()).isEqualTo(fixture.slice(0, 10));
      assertThat(joined.get()).isEqualTo(fixture.slice(5, 10));
      assertThat(second.requests()).isEmpty();
    }
  }

  @Test
  void whenTheSourceOfOneUserFailsAnotherGoesOnWithItsOwn() throws Exception {
    Origin second = new Origin(fixture.content);
    origin.answer((offset, length, sink) -> {
      Origin.stall(gate);
      throw new IOException("gone");
    });
    try (LazyBlob one = fixture.open(origin);
        LazyBlob other = fixture.open(second)) {
      var reader = fixture.readAsync(one, 0, 10);
      await().until(() -> origin.active() == 1);
      var joined = fixture.readAsync(other, 5, 10);
      await().until(() -> fixture.statistics.snapshot().misses() == 2);
      gate.countDown();
      assertThatThrownBy(reader::get)
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("gone");
      assertThat(joined.get()).isEqualTo(fixture.slice(5, 10));
    }
  }

  @Test
  void closingOneUserDoesNotFailTheOther() throws Exception {
    origin.answer((offset, length, sink) -> Origin.stall(gate));
    LazyBlob one = fixture.open(origin);
    try (LazyBlob other = fixture.open(origin)) {
      var reader = fixture.readAsync(one, 0, 10);
      await().until(() -> origin.active() == 1);
      var joined = fixture.readAsync(other, 5, 10);
      await().until(() -> fixture.statistics.snapshot().misses() == 2);
      origin.answerNormally();
      one.close();
      assertThatThrownBy(reader::get).hasCauseInstanceOf(BlobClosedException.class);
      assertThat(joined.get()).isEqualTo(fixture.slice(5, 10));
    }
  }
}
