package io.lazerofs.fetcher.lazy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What readers ask for is noted, once, in the order of time. */
@Timeout(60)
class TouchRecorderTest {
  private static final int BLOCK = CachedBlob.BLOCK_BYTES;
  private static final Digest A = Digest.of(new byte[] {'a'});
  private static final Digest B = Digest.of(new byte[] {'b'});

  private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
  private final TouchRecorder recorder =
      new TouchRecorder(
          new TouchRecorder.Limits(4, 100L * BLOCK, Duration.ofSeconds(10)), nanoTime::get);
  private final Path directory = DiskDirectory.create();

  @AfterEach
  void delete() throws IOException {
    DiskDirectory.delete(directory);
  }

  private List<Touch> touches() {
    return recorder.touches(List.of(A, B), Integer.MAX_VALUE);
  }

  private static Touch blocks(Digest blob, int first, int count) {
    return new Touch(blob, (long) first * BLOCK, (long) count * BLOCK);
  }

  @Test
  void readsOfSeveralBlobsAreNotedInOneOrderOfTimeAndInWholeBlocks() {
    Touches a = recorder.begin(A, 1000 * BLOCK);
    Touches b = recorder.begin(B, 1000 * BLOCK);
    a.add(7 * BLOCK + 100, 10);
    b.add(3 * BLOCK, BLOCK + 1);
    a.add(0, BLOCK);
    assertThat(touches()).containsExactly(blocks(A, 7, 1), blocks(B, 3, 2), blocks(A, 0, 1));
    assertThat(recorder.touches(List.of(A, B), 2)).as("the first ones").hasSize(2);
  }

  @Test
  void aBlockIsNotedWhenItIsReadFirstAndNeverAgain() {
    Touches a = recorder.begin(A, 1000 * BLOCK);
    a.add(10 * BLOCK, 2 * BLOCK);
    a.add(9 * BLOCK, 4 * BLOCK);
    a.add(9 * BLOCK, 4 * BLOCK);
    assertThat(touches()).containsExactly(blocks(A, 10, 2), blocks(A, 9, 1), blocks(A, 12, 1));
  }

  @Test
  void readsThatContinueEachOtherAreOneRangeUnlessAnotherBlobIsReadBetween() {
    Touches a = recorder.begin(A, 1000 * BLOCK);
    Touches b = recorder.begin(B, 1000 * BLOCK);
    a.add(0, BLOCK);
    a.add(BLOCK, BLOCK);
    b.add(0, BLOCK);
    a.add(2 * BLOCK, BLOCK);
    assertThat(touches()).containsExactly(blocks(A, 0, 2), blocks(B, 0, 1), blocks(A, 2, 1));
  }

  @Test
  void notingEndsWithTheWindowWhichBeginsWithTheFirstRead() {
    Touches a = recorder.begin(A, 1000 * BLOCK);
    nanoTime.addAndGet(Duration.ofHours(1).toNanos());
    a.add(0, BLOCK);
    nanoTime.addAndGet(Duration.ofSeconds(9).toNanos());
    a.add(5 * BLOCK, BLOCK);
    assertThat(a.isOpen()).isTrue();
    nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(a.isOpen()).isFalse();
    a.add(9 * BLOCK, BLOCK);
    assertThat(touches()).containsExactly(blocks(A, 0, 1), blocks(A, 5, 1));
  }

  @Test
  void notingEndsWithTheMostRangesOrBytes() {
    Touches a = recorder.begin(A, 1000 * BLOCK);
    for (int i = 0; i < 6; i++) {
      a.add(2L * i * BLOCK, BLOCK);
    }
    assertThat(touches()).hasSize(4);
    Touches b = recorder.begin(B, 1000 * BLOCK);
    b.add(0, 100 * BLOCK);
    b.add(500 * BLOCK, BLOCK);
    assertThat(touches()).hasSize(5).contains(blocks(B, 0, 100));
    assertThat(b.isOpen()).isFalse();
  }

  @Test
  void aBlobIsForgottenWhenTheLastOfThoseWhoRecordItClosesIt() {
    Touches one = recorder.begin(A, 1000 * BLOCK);
    Touches other = recorder.begin(A, 1000 * BLOCK);
    one.add(0, BLOCK);
    one.release();
    assertThat(touches()).hasSize(1);
    other.release();
    assertThat(touches()).isEmpty();
  }

  @Test
  void aSealedBlobGivesItsMemoryOnlyWhenItsReadsAreNotNotedAnyMore() throws IOException {
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, 40 * LazyBlobFixture.UNIT)) {
      try (LazyBlob blob = fixture.open(new Origin(fixture.content))) {
        blob.fill(0, blob.size());
        await().until(() -> !blob.memory().equals(MemorySegment.NULL));
        blob.recordTouches(recorder);
        assertThat(blob.memory()).isEqualTo(MemorySegment.NULL);
        blob.read(0, MemorySegment.ofArray(new byte[1]));
        assertThat(recorder.touches(List.of(fixture.digest), 9))
            .containsExactly(new Touch(fixture.digest, 0, BLOCK));
        nanoTime.addAndGet(Duration.ofSeconds(10).toNanos());
        assertThat(blob.memory()).isNotEqualTo(MemorySegment.NULL);
      }
      assertThat(recorder.touches(List.of(fixture.digest), 9)).as("closed").isEmpty();
    }
  }

  @Test
  void whatIsFetchedAlongIsNotNoted() throws IOException {
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, 40 * LazyBlobFixture.UNIT);
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      blob.recordTouches(recorder);
      blob.fetchAhead(0, LazyBlobFixture.UNIT);
      assertThat(LazyBlobFixture.read(blob, 3 * LazyBlobFixture.UNIT, 10))
          .isEqualTo(fixture.slice(3 * LazyBlobFixture.UNIT, 10));
      assertThat(recorder.touches(List.of(fixture.digest), 9))
          .containsExactly(new Touch(fixture.digest, 3L * LazyBlobFixture.UNIT, BLOCK));
    }
  }
}
