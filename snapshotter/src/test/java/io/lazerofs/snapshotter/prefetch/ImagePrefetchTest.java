package io.lazerofs.snapshotter.prefetch;

import static io.lazerofs.snapshotter.prefetch.BlobFixture.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.erofs.Caches;
import io.lazerofs.erofs.ClusterCache;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.Touch;
import io.lazerofs.fetcher.lazy.TouchRecorder;
import io.lazerofs.fetcher.trace.AheadStatistics;
import io.lazerofs.fetcher.trace.Trace;
import io.lazerofs.fetcher.trace.TraceFollower;
import io.lazerofs.snapshotter.mount.FakeLayers;
import io.lazerofs.snapshotter.mount.OpenLayer;
import io.lazerofs.snapshotter.mount.TinyImage;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ImagePrefetchTest {
  private static final Digest MANIFEST = Digest.of(new byte[] {1});
  private static final Map<String, String> LABELS =
      Map.of(Labels.IMAGE, "host/app:1", Labels.MANIFEST_DIGEST, MANIFEST.toString());
  private static final byte[] BASE = BlobFixture.content(TinyImage.bytes(), 100 * BLOCK);
  private static final byte[] TOP = BlobFixture.content(TinyImage.bytes(), 101 * BLOCK);

  private final AheadStatistics statistics = new AheadStatistics();
  private final TouchRecorder recorder =
      new TouchRecorder(TouchRecorder.Limits.ofBytes(1 << 20), System::nanoTime);
  private final AtomicInteger lookups = new AtomicInteger();
  @TempDir private Path directory;
  private BlobFixture fixture;
  private OpenLayer base;
  private OpenLayer top;

  @BeforeEach
  void open() throws IOException {
    fixture = new BlobFixture(directory);
    base = layer(BASE);
    top = layer(TOP);
  }

  @AfterEach
  void close() throws IOException {
    base.close();
    top.close();
    fixture.close();
  }

  private OpenLayer layer(byte[] content) throws IOException {
    LazyBlob blob = fixture.open(content);
    return OpenLayer.open(
        blob, Caches.of(ClusterCache.ofBytes(1 << 20)), blob::presentBytes, () -> true);
  }

  private ImagePrefetch prefetch(TraceLookup lookup) {
    return new ImagePrefetch(
        (image, manifest) -> {
          lookups.incrementAndGet();
          assertThat(image).isEqualTo("host/app:1");
          assertThat(manifest).isEqualTo(MANIFEST);
          return lookup.find(image, manifest);
        },
        new LayersAhead((image, manifest) -> Optional.empty(), new FakeLayers(), fixture.executor),
        Optional.of(recorder),
        new TraceFollower.Budget(1 << 20, 2),
        fixture.executor,
        statistics);
  }

  private static Trace trace() {
    return new Trace(
        MANIFEST,
        List.of(Digest.of(BASE), Digest.of(TOP)),
        List.of(new Trace.Range(1, 50 * BLOCK, 2 * BLOCK), new Trace.Range(0, 90 * BLOCK, BLOCK)));
  }

  private void awaitPrefetched(long blocks) {
    await().until(() -> statistics.prefetchedBytes() == blocks * BLOCK);
  }

  @Test
  void aTraceIsLookedUpOnceAnImageAndFollowedAsItsLayersAreShown() {
    ImagePrefetch prefetch = prefetch((image, manifest) -> Optional.of(trace()));
    prefetch.shown(base, true);
    prefetch.prepared(Digest.of(BASE), LABELS);
    awaitPrefetched(1);
    prefetch.shown(top, true);
    prefetch.prepared(Digest.of(TOP), LABELS);
    awaitPrefetched(3);
    assertThat(lookups).hasValue(1);
  }

  @Test
  void theLookupBeginsBeforeTheFirstLayerIsOpened() {
    ImagePrefetch prefetch = prefetch((image, manifest) -> Optional.of(trace()));
    prefetch.requested(LABELS);
    await().until(() -> lookups.get() == 1);
    prefetch.shown(base, true);
    prefetch.prepared(Digest.of(BASE), LABELS);
    awaitPrefetched(1);
    assertThat(lookups).hasValue(1);
  }

  @Test
  void prepareWaitsForNoLookup() {
    CountDownLatch registry = new CountDownLatch(1);
    ImagePrefetch prefetch =
        prefetch((image, manifest) -> {
          try {
            registry.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          return Optional.of(trace());
        });
    prefetch.shown(base, true);
    prefetch.shown(top, true);
    prefetch.prepared(Digest.of(BASE), LABELS);
    prefetch.prepared(Digest.of(TOP), LABELS);
    assertThat(statistics.prefetchedBytes()).isZero();
    registry.countDown();
    awaitPrefetched(3);
  }

  @Test
  void aLayerThatAnotherImageBroughtIsPartOfTheTraceToo() {
    ImagePrefetch prefetch = prefetch((image, manifest) -> Optional.of(trace()));
    prefetch.shown(base, true);
    prefetch.shown(top, true);
    // containerd prepares only what it does not have.
    prefetch.prepared(Digest.of(TOP), LABELS);
    awaitPrefetched(3);
  }

  @Test
  void aRegistryThatFailsIsCountedAndHurtsNobody() {
    ImagePrefetch prefetch =
        prefetch((image, manifest) -> {
          throw new IOException("the registry fails");
        });
    prefetch.shown(base, true);
    prefetch.prepared(Digest.of(BASE), LABELS);
    await().until(() -> statistics.failures() == 1);
    assertThat(statistics.prefetchedBytes()).isZero();
  }

  @Test
  void aTraceIsLookedUpAgainWhenALayerHadGone() {
    ImagePrefetch prefetch = prefetch((image, manifest) -> Optional.empty());
    prefetch.shown(base, true);
    prefetch.prepared(Digest.of(BASE), LABELS);
    prefetch.removed(base);
    assertThat(prefetch.blobs()).isEmpty();
    prefetch.shown(base, true);
    prefetch.prepared(Digest.of(BASE), LABELS);
    await().until(() -> lookups.get() == 2);
  }

  @Test
  void labelsWithoutAManifestAreNoFailure() {
    ImagePrefetch prefetch = prefetch((image, manifest) -> Optional.of(trace()));
    prefetch.shown(base, true);
    prefetch.prepared(Digest.of(BASE), Map.of(Labels.IMAGE, "host/app:1"));
    assertThat(lookups).hasValue(0);
  }

  @Test
  void readsOfANewLayerAreRecordedAndThoseAfterARestartAreNot() throws IOException {
    ImagePrefetch prefetch = prefetch((image, manifest) -> Optional.empty());
    prefetch.shown(base, true);
    prefetch.shown(top, false);
    base.source().read(0, MemorySegment.ofArray(new byte[10]));
    top.source().read(0, MemorySegment.ofArray(new byte[10]));
    assertThat(recorder.touches(List.of(Digest.of(BASE), Digest.of(TOP)), 10))
        .containsExactly(new Touch(Digest.of(BASE), 0, BLOCK));
  }
}
