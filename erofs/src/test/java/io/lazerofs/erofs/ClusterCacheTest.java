package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is decoded, how often, how far, and what is kept of it. */
@Timeout(60)
class ClusterCacheTest {
  private static final String BIG = "/big/text";
  private static final long ROOMY = 64 << 20;
  private static final long SEED = 20;

  private static Inode find(ErofsImage image, String path) throws IOException {
    return Trees.find(image, path);
  }

  private static byte[] read(ErofsImage image, Inode inode, long offset, int length)
      throws IOException {
    byte[] bytes = new byte[length];
    int count = image.read(inode, offset, MemorySegment.ofArray(bytes));
    return Arrays.copyOf(bytes, count);
  }

  /** Returns the first extent of a pcluster that is decoded, of more than {@code length} bytes. */
  private static Extent.Compressed coded(ErofsImage image, Inode inode, int length)
      throws IOException {
    for (long at = 0; at < inode.size(); ) {
      Extent extent = image.extent(inode, at);
      if (extent instanceof Extent.Compressed compressed
          && compressed.encoding() instanceof Extent.Encoding.Coded
          && compressed.length() > length) {
        return compressed;
      }
      at = extent.offset() + extent.length();
    }
    throw new AssertionError("no such pcluster");
  }

  private static ErofsImage open(byte[] bytes, ClusterCache cache) throws IOException {
    return ErofsImage.open(new ArraySource(bytes, false), List.of(), Caches.of(cache));
  }

  @Test
  void readOfTheFrontDecodesTheFrontAndTheNextReadBeyondTheRest() throws IOException {
    ClusterCache cache = ClusterCache.ofBytes(ROOMY);
    ErofsImage image = open(Fixture.named("lz4hc-1m").imageBytes(), cache);
    Inode file = find(image, BIG);
    Extent.Compressed extent = coded(image, file, 1 << 20);
    byte[] whole = read(image, file, extent.offset(), (int) extent.length());
    ClusterCache fresh = ClusterCache.ofBytes(ROOMY);
    ErofsImage again = open(Fixture.named("lz4hc-1m").imageBytes(), fresh);

    assertThat(read(again, file, extent.offset(), 4096)).isEqualTo(Arrays.copyOf(whole, 4096));
    assertThat(fresh.statistics().decodedBytes()).isBetween(4096L, 64L << 10);
    long front = fresh.statistics().decodedBytes();
    for (int at = 0; at < whole.length; at += 4096) {
      int length = Math.min(4096, whole.length - at);
      assertThat(read(again, file, extent.offset() + at, length))
          .isEqualTo(Arrays.copyOfRange(whole, at, at + length));
    }
    assertThat(fresh.statistics().decodedBytes()).isEqualTo(front + whole.length);
    assertThat(fresh.statistics().decodes()).isEqualTo(2);
  }

  @Test
  void holdsNoMoreThanItsBound() throws IOException {
    long bound = 300_000;
    ClusterCache cache = ClusterCache.ofBytes(bound);
    ErofsImage image = open(Fixture.named("lz4-64k").imageBytes(), cache);
    byte[] buffer = new byte[5000];
    for (Inode inode : Trees.walk(image).values()) {
      if (inode.hasContent()) {
        for (long at = 0; at < inode.size(); at += buffer.length) {
          image.read(inode, at, MemorySegment.ofArray(buffer));
          assertThat(cache.statistics().heldBytes()).isLessThanOrEqualTo(bound);
        }
      }
    }
    assertThat(cache.statistics().decodedBytes()).isGreaterThan(bound);
    assertThat(cache.statistics().heldBytes()).isGreaterThan(bound / 3);
  }

  @Test
  void pclusterIsDecodedOnceForAllWhoReadItAtOnce() throws Exception {
    int readers = 8;
    byte[] bytes = Fixture.named("lz4hc-1m").imageBytes();
    ErofsImage plain = open(bytes, ClusterCache.ofBytes(0));
    Inode file = find(plain, BIG);
    Extent.Compressed extent = coded(plain, file, 1 << 20);
    int length = (int) extent.length() - 1;
    byte[] expected = read(plain, file, extent.offset(), length);

    ClusterCache cache = ClusterCache.ofBytes(ROOMY);
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ByteSource slow =
        new StalledSource(new ArraySource(bytes, false), extent.physical(), reading, goOn);
    ErofsImage image = ErofsImage.open(slow, List.of(), Caches.of(cache));
    try (ExecutorService threads = Executors.newFixedThreadPool(readers)) {
      List<Future<byte[]>> results = new ArrayList<>();
      results.add(threads.submit(() -> read(image, file, extent.offset(), length)));
      reading.await();
      for (int i = 1; i < readers; i++) {
        results.add(threads.submit(() -> read(image, file, extent.offset(), length)));
      }
      // While the first reader stands in the middle of it, others read what is beside it.
      long before = cache.statistics().decodes();
      Extent next = image.extent(file, extent.offset() + extent.length());
      read(image, file, next.offset(), 100);
      assertThat(cache.statistics().decodes()).isEqualTo(before + 1);
      goOn.countDown();
      for (Future<byte[]> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
      assertThat(cache.statistics().decodes()).isEqualTo(before + 2);
      assertThat(cache.statistics().hits()).isEqualTo(readers - 1);
    }
  }

  @Test
  void readOfWholePclusterIsNotKeptAndServesThoseWhoWaitForIt() throws Exception {
    byte[] bytes = Fixture.named("lz4hc-1m").imageBytes();
    ErofsImage plain = open(bytes, ClusterCache.ofBytes(0));
    Inode file = find(plain, BIG);
    Extent.Compressed extent = coded(plain, file, 1 << 20);
    int length = (int) extent.length();
    byte[] expected = read(plain, file, extent.offset(), length);

    ClusterCache cache = ClusterCache.ofBytes(ROOMY);
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ByteSource slow =
        new StalledSource(new ArraySource(bytes, false), extent.physical(), reading, goOn);
    ErofsImage image = ErofsImage.open(slow, List.of(), Caches.of(cache));
    FutureTask<byte[]> first = new FutureTask<>(() -> read(image, file, extent.offset(), length));
    FutureTask<byte[]> second =
        new FutureTask<>(() -> read(image, file, extent.offset() + 5, length - 5));
    Thread.ofPlatform().start(first);
    reading.await();
    Thread waiter = Thread.ofPlatform().start(second);
    while (waiter.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    assertThat(first.get()).isEqualTo(expected);
    assertThat(second.get()).isEqualTo(Arrays.copyOfRange(expected, 5, length));
    assertThat(cache.statistics().decodes()).isEqualTo(1);
    assertThat(cache.statistics().hits()).isEqualTo(1);

    ClusterCache alone = ClusterCache.ofBytes(ROOMY);
    assertThat(read(open(bytes, alone), file, extent.offset(), length)).isEqualTo(expected);
    assertThat(alone.statistics().heldBytes()).isZero();
  }

  @Test
  void readersWhoseBytesAreEvictedAtOnceReadNoOthers() throws Exception {
    byte[] bytes = Fixture.named("lz4-64k").imageBytes();
    ErofsImage plain = open(bytes, ClusterCache.ofBytes(0));
    Inode file = find(plain, BIG);
    byte[] whole = read(plain, file, 0, (int) file.size());
    ErofsImage image = open(bytes, ClusterCache.ofBytes(700_000));
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Random random = new Random(SEED + i);
        readers.add(
            threads.submit(() -> {
              for (int n = 0; n < 3000; n++) {
                int at = random.nextInt(whole.length);
                int length =
                    Math.min(whole.length - at, random.nextInt(n % 50 == 0 ? 400_000 : 9000));
                assertThat(
                        Arrays.equals(
                            read(image, file, at, length),
                            Arrays.copyOfRange(whole, at, at + length)))
                    .as("seed %d, %d bytes at %d", SEED, length, at)
                    .isTrue();
              }
              return null;
            }));
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
    }
  }

  @Test
  void absentBytesPassThroughAndLeaveNothing() throws IOException {
    byte[] bytes = Fixture.named("lz4hc-1m").imageBytes();
    ClusterCache cache = ClusterCache.ofBytes(ROOMY);
    AbsentSource source = new AbsentSource(bytes);
    ErofsImage image = Waiting.on(() -> ErofsImage.open(source, List.of(), Caches.of(cache)));
    Inode file = Waiting.on(() -> Trees.find(image, BIG));
    Waiting.on(() -> image.extent(file, 0));
    assertThat(cache.statistics().decodes()).isZero();
    assertThatExceptionOfType(AbsentException.class).isThrownBy(() -> read(image, file, 0, 10));
    assertThatExceptionOfType(AbsentException.class).isThrownBy(() -> read(image, file, 0, 10));
    assertThat(cache.statistics()).isEqualTo(new ClusterCache.Statistics(0, 0, 0, 0));
    assertThat(Waiting.on(() -> read(image, file, 0, 10))).hasSize(10);
    assertThat(cache.statistics().decodes()).isEqualTo(1);
  }

  /** A source whose read at one place waits. */
  private record StalledSource(
      ByteSource source, long place, CountDownLatch reading, CountDownLatch goOn)
      implements ByteSource {
    @Override
    public long size() {
      return source.size();
    }

    @Override
    public void read(long offset, MemorySegment destination) throws IOException {
      if (offset == place) {
        reading.countDown();
        try {
          goOn.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
      source.read(offset, destination);
    }

    @Override
    public void fill(long offset, long length) {}

    @Override
    public void close() {}
  }
}
