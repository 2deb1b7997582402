package io.lazerofs.fetcher.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.cache.CacheFixture;
import io.lazerofs.fetcher.lazy.FetchPolicy;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TraceFollowerTest {
  private static final int UNIT = 32 << 10;
  private static final FetchPolicy POLICY = new FetchPolicy(UNIT, 8 * UNIT, 16 * UNIT, 16 * UNIT);
  private static final int SIZE = 64 * UNIT;
  private static final Digest IMAGE = Digest.of(new byte[] {1});

  private final CacheFixture threads = new CacheFixture();
  private final AheadStatistics statistics = new AheadStatistics();
  private final byte[] base = CacheFixture.content(1, SIZE);
  private final byte[] top = CacheFixture.content(2, SIZE);
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger mostActive = new AtomicInteger();
  private final AtomicBoolean failing = new AtomicBoolean();
  private volatile CountDownLatch gate = new CountDownLatch(0);
  @TempDir private Path directory;
  private BlobCache cache;
  private LazyBlobs blobs;

  @BeforeEach
  void open() throws IOException {
    cache = threads.open(directory);
    blobs = new LazyBlobs(cache, POLICY, threads.threads(), new FetchStatistics());
  }

  @AfterEach
  void close() throws IOException {
    gate.countDown();
    cache.close();
    threads.close();
  }

  private LazyBlob blob(String name, byte[] content) throws IOException {
    return blobs.open(
        new BlobKey(Digest.of(content), SIZE),
        (offset, length, sink) -> {
          asked.add(name + offset / UNIT);
          mostActive.accumulateAndGet(active.incrementAndGet(), Math::max);
          try {
            gate.await();
            if (failing.get()) {
              throw new IOException("the registry fails");
            }
            sink.accept(ByteBuffer.wrap(content, (int) offset, (int) length));
          } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
          } finally {
            active.decrementAndGet();
          }
        });
  }

  private TraceFollower follower(int connections, Trace.Range... ranges) {
    return new TraceFollower(
        new Trace(IMAGE, List.of(Digest.of(base), Digest.of(top)), List.of(ranges)),
        new TraceFollower.Budget(1 << 30, connections),
        threads.threads(),
        statistics);
  }

  private static Trace.Range units(int layer, int first, int count) {
    return new Trace.Range(layer, (long) first * UNIT, (long) count * UNIT);
  }

  @Test
  void rangesAreFetchedInTheTracesOrderAcrossTheLayersThatAreOpen() throws IOException {
    try (LazyBlob a = blob("a", base);
        LazyBlob b = blob("b", top)) {
      TraceFollower follower =
          follower(1, units(1, 40, 1), units(0, 50, 1), units(1, 2, 1), units(0, 4, 1));
      gate = new CountDownLatch(1);
      follower.opened(b);
      follower.opened(a);
      await().until(() -> !asked.isEmpty());
      gate.countDown();
      await().until(() -> statistics.prefetchedBytes() == 4 * UNIT);
      assertThat(asked).containsExactly("b40", "a50", "b2", "a4");
    }
  }

  @Test
  void whatATraceNamesOfALayerWaitsUntilTheLayerIsOpen() throws IOException {
    TraceFollower follower = follower(2, units(0, 50, 1), units(1, 2, 1));
    try (LazyBlob b = blob("b", top)) {
      follower.opened(b);
      await().until(() -> statistics.prefetchedBytes() == UNIT);
      assertThat(asked).containsExactly("b2");
      try (LazyBlob a = blob("a", base)) {
        follower.opened(a);
        await().until(() -> statistics.prefetchedBytes() == 2 * UNIT);
        assertThat(asked).containsExactly("b2", "a50");
      }
    }
  }

  @Test
  void whatIsPresentIsNotFetchedAgain() throws IOException {
    try (LazyBlob a = blob("a", base)) {
      a.fill(10L * UNIT, 1);
      asked.clear();
      follower(1, units(0, 10, 1), units(0, 30, 1)).opened(a);
      await().until(() -> statistics.prefetchedBytes() == UNIT);
      assertThat(asked).containsExactly("a30");
    }
  }

  @Test
  void noMoreConnectionsAreUsedThanTheBudgetHas() throws IOException {
    Trace.Range[] ranges = new Trace.Range[20];
    for (int i = 0; i < ranges.length; i++) {
      ranges[i] = units(0, 3 * i, 1);
    }
    try (LazyBlob a = blob("a", base)) {
      gate = new CountDownLatch(1);
      follower(3, ranges).opened(a);
      await().until(() -> active.get() == 3);
      gate.countDown();
      await().until(() -> statistics.prefetchedBytes() == 20 * UNIT);
      assertThat(mostActive).hasValue(3);
    }
  }

  @Test
  void aPolicyOfMoreConnectionsLetsABudgetUseThem() throws IOException {
    int many = POLICY.aheadConnections() + 5;
    blobs =
        new LazyBlobs(cache, POLICY.withRoomFor(many), threads.threads(), new FetchStatistics());
    Trace.Range[] ranges = new Trace.Range[20];
    for (int i = 0; i < ranges.length; i++) {
      ranges[i] = units(0, 3 * i, 1);
    }
    try (LazyBlob a = blob("a", base)) {
      gate = new CountDownLatch(1);
      follower(many, ranges).opened(a);
      await().until(() -> active.get() == many);
      gate.countDown();
      await().until(() -> statistics.prefetchedBytes() == 20 * UNIT);
      assertThat(mostActive).hasValue(many);
    }
  }

  @Test
  void aRangeBehindTheEndOfItsLayerIsCutOrLeftOut() throws IOException {
    try (LazyBlob a = blob("a", base)) {
      follower(1, units(0, 100, 1), units(0, 63, 9), units(0, 1, 1)).opened(a);
      await().until(() -> statistics.prefetchedBytes() == 2 * UNIT);
      assertThat(asked).containsExactly("a63", "a1");
      assertThat(statistics.failures()).isZero();
    }
  }

  @Test
  void aLayerThatIsClosedTakesItsPartWithIt() throws IOException {
    LazyBlob a = blob("a", base);
    try (LazyBlob b = blob("b", top)) {
      gate = new CountDownLatch(1);
      TraceFollower follower = follower(1, units(0, 10, 1), units(0, 20, 1), units(1, 5, 1));
      follower.opened(a);
      await().until(() -> active.get() == 1);
      follower.opened(b);
      a.close();
      gate.countDown();
      await().until(() -> statistics.prefetchedBytes() == UNIT);
      assertThat(asked).containsExactly("a10", "b5");
      assertThat(statistics.failures()).as("it is no failure").isZero();
    }
  }

  @Test
  void aRegistryThatFailsAgainAndAgainIsLeftAlone() throws IOException {
    Trace.Range[] ranges = new Trace.Range[20];
    for (int i = 0; i < ranges.length; i++) {
      ranges[i] = units(0, 3 * i, 1);
    }
    failing.set(true);
    try (LazyBlob a = blob("a", base)) {
      follower(1, ranges).opened(a);
      await().until(() -> statistics.failures() == 8);
      failing.set(false);
      follower(1, units(0, 62, 1)).opened(a);
      await().until(() -> statistics.prefetchedBytes() == UNIT);
      assertThat(asked).hasSize(9);
      assertThat(statistics.failures()).isEqualTo(8);
    }
  }
}
