package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static io.lazerofs.fetcher.lazy.LazyBlobFixture.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.cache.FailingDisk;
import io.lazerofs.fetcher.cache.FailingDisk.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What readers see when the disk of the cache fails: the right bytes. */
@Timeout(60)
class PassThroughTest {
  private static final int SIZE = 64 * UNIT + 777;

  @TempDir Path directory;
  private final FailingDisk disk = new FailingDisk();

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"FULL", "READ_ONLY", "WRITE_ERROR"})
  void readersGetWhatADiskDoesNotTakeAndItIsKeptAgainOnceItDoes(Fault fault) throws Exception {
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, disk, SIZE)) {
      Origin origin = new Origin(fixture.content);
      try (LazyBlob blob = fixture.open(origin)) {
        assertThat(read(blob, 0, 100)).isEqualTo(fixture.slice(0, 100));
        long present = blob.presentBytes();
        disk.set(fault);
        assertThat(read(blob, 20 * UNIT + 5, 3 * UNIT))
            .isEqualTo(fixture.slice(20 * UNIT + 5, 3 * UNIT));
        assertThat(read(blob, 0, 100)).as("present before").isEqualTo(fixture.slice(0, 100));
        assertThat(blob.presentBytes()).isEqualTo(present);
        assertThat(fixture.cacheStatistics().passThroughBytes()).isEqualTo(4L * UNIT);
        disk.set(Fault.NONE);
        fixture.clock.advance(Duration.ofSeconds(2));
        assertThat(read(blob, 40 * UNIT, 100)).isEqualTo(fixture.slice(40 * UNIT, 100));
        assertThat(blob.presentBytes()).isEqualTo(present + UNIT);
      }
    }
  }

  @Test
  void aDiskThatFailedIsTriedAfterPausesThatGrow() throws Exception {
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, disk, SIZE);
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      disk.set(Fault.WRITE_ERROR);
      List<Long> tries = new ArrayList<>();
      for (int second = 0; second < 70; second++) {
        long before = disk.failures();
        // Units that are not held yet.
        blob.fill((second % 60) * (long) UNIT, 1);
        if (disk.failures() > before) {
          tries.add((long) second);
        }
        fixture.clock.advance(Duration.ofSeconds(1));
      }
      assertThat(tries.subList(0, 5)).containsExactly(0L, 1L, 3L, 7L, 15L);
    }
  }

  @Test
  void whatTheDiskDoesNotGiveAnyMoreIsFetchedAgain() throws Exception {
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, disk, SIZE)) {
      Origin origin = new Origin(fixture.content);
      try (LazyBlob blob = fixture.open(origin)) {
        assertThat(read(blob, 0, 2 * UNIT)).isEqualTo(fixture.slice(0, 2 * UNIT));
        long requested = origin.requestedBytes();
        disk.set(Fault.READ_ERROR);
        assertThat(read(blob, 0, UNIT)).isEqualTo(fixture.slice(0, UNIT));
        assertThat(origin.requestedBytes()).isEqualTo(requested + UNIT);
        assertThat(read(blob, 0, UNIT)).as("from memory").isEqualTo(fixture.slice(0, UNIT));
        assertThat(origin.requestedBytes()).isEqualTo(requested + UNIT);
        disk.set(Fault.NONE);
        assertThat(read(blob, UNIT, UNIT)).isEqualTo(fixture.slice(UNIT, UNIT));
      }
    }
  }

  @Test
  void aBlobWhoseFilesCannotBeOpenedPassesThroughUntilTheyCan() throws Exception {
    disk.set(Fault.OPEN_ERROR);
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, disk, SIZE);
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      assertThat(read(blob, 5, UNIT)).isEqualTo(fixture.slice(5, UNIT));
      assertThat(blob.presentBytes()).isZero();
      disk.set(Fault.NONE);
      fixture.clock.advance(Duration.ofSeconds(2));
      assertThat(read(blob, 30 * UNIT, UNIT)).isEqualTo(fixture.slice(30 * UNIT, UNIT));
      assertThat(blob.presentBytes()).isEqualTo(UNIT);
    }
  }

  @Test
  void manyReadersOfMoreThanIsHeldAreAllServed() throws Exception {
    int size = 40 << 20;
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, disk, size);
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      disk.set(Fault.FULL);
      List<Future<byte[]>> reads = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        reads.add(fixture.readAsync(blob, (long) i << 20, 1 << 20));
      }
      for (int i = 0; i < 40; i++) {
        assertThat(reads.get(i).get()).isEqualTo(fixture.slice((long) i << 20, 1 << 20));
      }
      assertThat(blob.presentBytes()).isZero();
    }
  }

  @Test
  void nothingIsFetchedAheadThatCouldNotBeKept() throws Exception {
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, disk, SIZE)) {
      Origin origin = new Origin(fixture.content);
      try (LazyBlob blob = fixture.open(origin)) {
        disk.set(Fault.FULL);
        for (int unit = 0; unit < 8; unit++) {
          assertThat(read(blob, (long) unit * UNIT, UNIT))
              .isEqualTo(fixture.slice((long) unit * UNIT, UNIT));
        }
        blob.prefetch(20L * UNIT, UNIT);
        assertThatThrownBy(() -> blob.fetchAhead(30L * UNIT, UNIT))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("the disk fails");
        await().until(() -> origin.active() == 0);
        assertThat(origin.requestedBytes()).isLessThanOrEqualTo(10L * UNIT);
      }
    }
  }

  @Test
  void aReadThatIsLongerThanWhatCanBeHeldFailsAndSaysWhy() throws Exception {
    int size = 20 << 20;
    try (LazyBlobFixture fixture = new LazyBlobFixture(directory, disk, size);
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      disk.set(Fault.FULL);
      assertThat(read(blob, 0, 10)).isEqualTo(fixture.slice(0, 10));
      assertThatThrownBy(() -> read(blob, 0, size))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot pass through");
    }
  }
}
