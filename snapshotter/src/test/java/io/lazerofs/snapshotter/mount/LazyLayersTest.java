package io.lazerofs.snapshotter.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.erofs.Caches;
import io.lazerofs.snapshotter.convert.VerityAnnotations;
import io.lazerofs.snapshotter.mount.LayerSource.Answer;
import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import io.lazerofs.snapshotter.store.Snapshot;
import io.lazerofs.snapshotter.store.SnapshotException.AlreadyExists;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import io.lazerofs.source.MappedSource;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LazyLayersTest {
  private static final Digest TINY = TinyImage.digest();
  private static final Digest OTHER = Digest.of("other".getBytes(StandardCharsets.UTF_8));

  private static final String HASH = "0123456789abcdef".repeat(4);

  @TempDir private Path directory;
  private final FakeLayers source = new FakeLayers();
  private TestSnapshotter parts;

  @BeforeEach
  void open() throws IOException {
    source.put(TINY, TinyImage::answer);
    parts = new TestSnapshotter(directory, source);
  }

  @AfterEach
  void close() throws IOException {
    parts.close();
  }

  @Test
  void aRemoteLayerIsCommittedAndExistsAlready() throws Exception {
    pull("sha256:one", Optional.empty(), TINY);

    Snapshot committed = parts.snapshotter.stat("sha256:one");
    assertThat(committed.kind()).isEqualTo(Kind.COMMITTED);
    assertThat(committed.labels()).containsEntry(Labels.TARGET, "sha256:one");
    assertThat(committed.layer()).contains(1);
    assertThat(parts.table.layers()).hasSize(1);
    assertThat(parts.table.layers().getFirst().name()).isEqualTo("1");
    assertThat(parts.snapshotter.usage("sha256:one").size())
        .isEqualTo(Files.size(TinyImage.file()));
  }

  @Test
  void aLayerThatIsThereIsNotAskedForAgain() throws Exception {
    pull("sha256:one", Optional.empty(), TINY);
    pull("sha256:one", Optional.empty(), TINY);

    assertThat(source.opened).hasValue(1);
    assertThat(parts.snapshotter.list(any -> true)).hasSize(1);
  }

  @Test
  void aLayerThatGoesIsClosedWhenNoReplyUsesItsMemory() throws Exception {
    MappedSource image = MappedSource.open(TinyImage.file());
    source.put(
        TINY,
        () -> new Answer.Image(OpenLayer.open(image, Caches.ofServer(), image::size, () -> true)));
    CountDownLatch quiescing = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    parts.quiesce =
        () -> {
          quiescing.countDown();
          await().until(() -> answered.getCount() == 0);
        };
    pull("sha256:one", Optional.empty(), TINY);

    parts.snapshotter.remove("sha256:one");

    quiescing.await();
    assertThat(parts.table.layers()).isEmpty();
    assertThat(image.memory().scope().isAlive()).isTrue();
    answered.countDown();
    await().until(() -> !image.memory().scope().isAlive());
  }

  @Test
  void twoImagesShareTheLayerOfABlob() throws Exception {
    pull("sha256:one", Optional.empty(), TINY);
    pull("sha256:two", Optional.of("sha256:one"), TINY);

    assertThat(source.opened).hasValue(1);
    assertThat(parts.snapshotter.stat("sha256:two").layer()).contains(1);
  }

  @Test
  void theSameTargetOnAnotherParentIsFoundByItsLabel() throws Exception {
    parts.snapshotter.prepare("key", Optional.empty(), Map.of());
    parts.snapshotter.commit("key", "ordinary", Optional.empty(), Map.of());
    pull("sha256:one", Optional.empty(), TINY);
    pull("sha256:one", Optional.of("ordinary"), TINY);

    assertThat(parts.snapshotter.list(s -> "sha256:one".equals(s.labels().get(Labels.TARGET))))
        .extracting(Snapshot::parent)
        .containsExactly(Optional.empty(), Optional.of("ordinary"));
  }

  /** What containerd's releases say of one layer, beside the name that it is to have. */
  private static Stream<Arguments> labelsOfReleases() {
    String ref = "registry.example/team/app:1";
    Map<String, String> old =
        Map.of(
            "containerd.io/snapshot/cri.image-ref",
            ref,
            "containerd.io/snapshot/cri.layer-digest",
            TINY.toString(),
            "containerd.io/snapshot/cri.image-layers",
            TINY + "," + OTHER,
            "containerd.io/snapshot/cri.manifest-digest",
            OTHER.toString());
    Map<String, String> newer = new HashMap<>(old);
    newer.put("containerd.io/snapshot/diff-id", OTHER.toString());
    newer.put("containerd.io/snapshot/parent-chain-id", "sha256:base");
    Map<String, String> pinned = new HashMap<>(newer);
    pinned.put("containerd.io/snapshot/cri.image-ref", ref + "@" + OTHER);
    Map<String, String> silent = Map.of("containerd.io/snapshot/parent-chain-id", "sha256:base");
    return Stream.of(
        Arguments.of("the CRI of 1.6 to 2.0", old, true),
        Arguments.of("the CRI and the transfer service from 2.1 on", newer, true),
        Arguments.of("the same, by tag and digest", pinned, true),
        Arguments.of("a client that does not say where from", silent, false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("labelsOfReleases")
  void everyReleasesLabelsLeadToTheLayer(String release, Map<String, String> said, boolean lazy)
      throws Exception {
    pull("sha256:base", Optional.empty(), TINY);
    Map<String, String> labels = new HashMap<>(said);
    labels.put(Labels.TARGET, "sha256:next");

    boolean committed = parts.layers.commit("sha256:next", Optional.of("sha256:base"), labels);

    assertThat(committed).as(release).isEqualTo(lazy);
    assertThat(parts.fallbacks.counts()).isEmpty();
  }

  @Test
  void aLayerThatContainerdWouldNeverGiveItsParentIsNotLazyAndCounted() throws Exception {
    pull("sha256:base", Optional.empty(), TINY);
    Map<String, String> labels =
        Map.of(
            Labels.TARGET, "sha256:next",
            Labels.IMAGE, "registry.example/app:1",
            Labels.LAYER_DIGEST, TINY.toString(),
            Labels.PARENT_CHAIN_ID, "sha256:base");

    parts.snapshotter.prepare("key", Optional.empty(), labels);

    assertThat(parts.snapshotter.stat("key").kind()).isEqualTo(Kind.ACTIVE);
    assertThat(parts.fallbacks.counts()).containsExactly(Map.entry("without-parent", 1L));
  }

  @Test
  void theUpperDirectoryOnALazyLayerHasItsOwner() throws Exception {
    pull("sha256:one", Optional.empty(), TINY);

    Owner owner = parts.store.<Owner>transact(t -> t.layers().find(TINY).orElseThrow().owner());

    assertThat(owner).isEqualTo(new Owner(1234, 5678));
  }

  @Test
  void aLayerThatIsNoImageIsAnOrdinarySnapshotAndCounted() throws Exception {
    source.put(OTHER, () -> new Answer.Ordinary(Fallback.NOT_EROFS, "a tar archive"));

    List<Mount> mounts =
        parts.snapshotter.prepare("key", Optional.empty(), labels("sha256:t", OTHER, "r/i:1"));

    assertThat(mounts.getFirst().type()).isEqualTo("bind");
    assertThat(parts.snapshotter.stat("key").kind()).isEqualTo(Kind.ACTIVE);
    assertThat(parts.fallbacks.counts()).isEqualTo(Map.of("not-erofs", 1L));
  }

  @Test
  void aRegistryThatDoesNotAnswerLeavesNothing() throws Exception {
    source.put(
        OTHER,
        () -> {
          throw new Unavailable("no route");
        });

    assertThatThrownBy(() -> pull("sha256:t", Optional.empty(), OTHER))
        .isInstanceOf(Unavailable.class)
        .hasMessage("no route");
    assertThat(parts.snapshotter.list(any -> true)).isEmpty();
    assertThat(parts.table.layers()).isEmpty();
  }

  @Test
  void aDigestOfAnotherAlgorithmIsLeftToContainerd() throws Exception {
    Map<String, String> labels = new HashMap<>(labels("sha256:t", TINY, "r/i:1"));
    labels.put(Labels.LAYER_DIGEST, "sha512:" + "0".repeat(128));

    assertThat(parts.snapshotter.prepare("key", Optional.empty(), labels)).isNotEmpty();
    assertThat(parts.fallbacks.counts()).isEqualTo(Map.of("unsupported-name", 1L));
  }

  @Test
  void aLayerIsOnRecordWithItsHashTree() throws Exception {
    prepare("sha256:one", TINY, tree(HASH, 4096));

    assertThat(parts.store.<LayerRecord>transact(t -> t.layers().find(TINY).orElseThrow()).verity())
        .contains(new VerityRoot(new Digest(HASH), 4096));
  }

  @Test
  void labelsThatNameNoTreeAreNeverServedLazily() throws Exception {
    List<Map<String, String>> bad =
        List.of(
            tree("", 4096),
            tree("abc", 4096),
            tree(HASH, -4096),
            tree(HASH, 4095),
            Map.of(VerityAnnotations.ROOT_HASH, HASH),
            Map.of(
                VerityAnnotations.ROOT_HASH,
                HASH,
                VerityAnnotations.HASH_OFFSET,
                "18446744073709555712"));
    for (Map<String, String> labels : bad) {
      assertThat(prepare("sha256:" + bad.indexOf(labels), TINY, labels)).isFalse();
    }

    assertThat(source.opened).hasValue(0);
    assertThat(parts.fallbacks.counts()).isEqualTo(Map.of("bad-verity", (long) bad.size()));
  }

  @Test
  void aBlobIsNotServedToAnImageThatNamesAnotherTreeOfIt() throws Exception {
    assertThat(prepare("sha256:one", TINY, tree(HASH, 4096))).isTrue();

    assertThat(prepare("sha256:two", TINY, tree("0".repeat(64), 4096))).isFalse();
    assertThat(prepare("sha256:three", TINY, tree(HASH, 8192))).isFalse();
    assertThat(prepare("sha256:four", TINY, Map.of())).isFalse();
    assertThat(prepare("sha256:five", TINY, tree(HASH, 4096))).isTrue();

    assertThat(parts.fallbacks.counts()).isEqualTo(Map.of("other-verity", 3L));
    assertThat(parts.table.layers()).hasSize(1);
    assertThat(source.opened).hasValue(1);
  }

  @Test
  void anImageThatNamesAnotherTreeWhileTheBlobIsBeingOpenedIsRefusedToo() throws Exception {
    source.put(
        TINY,
        () -> {
          source.put(TINY, TinyImage::answer);
          try {
            assertThat(prepare("sha256:first", TINY, "r/first:1", tree(HASH, 4096))).isTrue();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
          return TinyImage.answer();
        });

    assertThat(prepare("sha256:second", TINY, "r/second:1", tree(HASH, 8192))).isFalse();

    assertThat(parts.fallbacks.counts()).isEqualTo(Map.of("other-verity", 1L));
    assertThat(parts.table.layers()).hasSize(1);
    assertThat(parts.snapshotter.stat("sha256:first").layer()).contains(1);
  }

  @Test
  void aLayerWithoutATreeThatIsOnRecordIsNotSharedOnceOneIsRequired() throws Exception {
    pull("sha256:one", Optional.empty(), TINY);
    source.strict = true;
    source.put(OTHER, TinyImage::answer);
    source.put(TINY, () -> new Answer.Ordinary(Fallback.UNVERIFIED, "no tree"));

    assertThat(prepare("sha256:two", TINY, Map.of())).isFalse();
    assertThat(prepare("sha256:three", OTHER, tree(HASH, 4096))).isTrue();

    assertThat(parts.fallbacks.counts()).isEqualTo(Map.of("unverified", 1L));
  }

  @Test
  void layersAreUnverifiedUntilTheySayOtherwise() throws Exception {
    AtomicBoolean verified = new AtomicBoolean();
    MappedSource image = MappedSource.open(TinyImage.file());
    source.put(
        OTHER,
        () ->
            new Answer.Image(OpenLayer.open(image, Caches.ofServer(), image::size, verified::get)));
    pull("sha256:one", Optional.empty(), TINY);
    assertThat(parts.layers.unverified()).isZero();

    pull("sha256:two", Optional.empty(), OTHER);

    assertThat(parts.layers.unverified()).isEqualTo(1);
    verified.set(true);
    assertThat(parts.layers.unverified()).isZero();
  }

  @Test
  void theLastSnapshotTakesTheLayerWithIt() throws Exception {
    pull("sha256:one", Optional.empty(), TINY);
    pull("sha256:two", Optional.of("sha256:one"), TINY);
    parts.snapshotter.remove("sha256:two");
    assertThat(parts.table.layers()).hasSize(1);

    parts.snapshotter.remove("sha256:one");

    assertThat(parts.table.layers()).isEmpty();
    pull("sha256:one", Optional.empty(), TINY);
    assertThat(source.opened).hasValue(2);
  }

  @Test
  void afterARestartLayersAreOpenedAgainWithTheirIndexAndGeneration() throws Exception {
    pull("sha256:one", Optional.empty(), TINY);
    parts.snapshotter.prepare("key", Optional.of("sha256:one"), Map.of());
    parts.close();
    parts = new TestSnapshotter(directory, source);

    parts.layers.recover();

    await().untilAsserted(() -> assertThat(parts.table.layers()).hasSize(1));
    assertThat(parts.table.layers().getFirst().index()).isEqualTo(1);
    assertThat(parts.table.layers().getFirst().generation()).isEqualTo(1);
    assertThat(parts.snapshotter.mounts("key").getFirst().options())
        .contains("lowerdir=" + directory.resolve("fs/1"));
  }

  @Test
  void aLayerThatCannotBeOpenedAgainIsSetAsideAndTheRestGoOn() throws Exception {
    source.put(OTHER, TinyImage::answer);
    pull("sha256:one", Optional.empty(), TINY);
    pull("sha256:two", Optional.empty(), OTHER);
    parts.close();
    source.put(
        OTHER,
        () -> {
          throw new IOException("the cache file is damaged");
        });
    parts = new TestSnapshotter(directory, source);
    parts.layers.recover();

    parts.snapshotter.view("good", Optional.of("sha256:one"), Map.of());
    assertThatThrownBy(() -> parts.snapshotter.view("bad", Optional.of("sha256:two"), Map.of()))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("the cache file is damaged");

    source.put(OTHER, TinyImage::answer);
    parts.snapshotter.view("bad", Optional.of("sha256:two"), Map.of());
    assertThat(parts.table.layers()).hasSize(2);
  }

  @Test
  void manyPreparesOfOneLayerOpenItOnce() throws Exception {
    CountDownLatch all = new CountDownLatch(100);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> pulls = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String target = "sha256:" + i % 10;
        pulls.add(
            executor.submit(() -> {
              all.countDown();
              all.await();
              pull(target, Optional.empty(), TINY);
              return true;
            }));
      }
      for (Future<?> pull : pulls) {
        pull.get();
      }
    }

    assertThat(source.opened).hasValue(1);
    assertThat(parts.snapshotter.list(any -> true)).hasSize(10);
    assertThat(parts.table.layers()).hasSize(1);
  }

  @Test
  void aSlowRegistryBlocksOnlyWhoNeedsIt() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    source.put(
        OTHER,
        () -> {
          asked.countDown();
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          return TinyImage.answer();
        });
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> slow =
          executor.submit(() -> {
            pull("sha256:slow", Optional.empty(), OTHER);
            return true;
          });
      asked.await();

      pull("sha256:fast", Optional.empty(), TINY);
      parts.snapshotter.prepare("key", Optional.of("sha256:fast"), Map.of());
      parts.snapshotter.remove("key");
      parts.snapshotter.remove("sha256:fast");

      assertThat(slow.isDone()).isFalse();
      answer.countDown();
      slow.get();
    }
  }

  @Test
  void pullsRunsAndRemovesAtOnceLeaveAConsistentState() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int number = i;
        all.add(
            executor.submit(() -> {
              runOnce(number);
              return true;
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }

    assertThat(parts.snapshotter.list(any -> true)).isEmpty();
    assertThat(parts.table.layers()).isEmpty();
    assertThat(directory.resolve("s")).isEmptyDirectory();
  }

  /** Pulls a layer of its own name but of a shared blob, runs a container on it, removes all. */
  private void runOnce(int number) throws Exception {
    String image = "sha256:image-" + number;
    String key = "container-" + number;
    pull(image, Optional.empty(), TINY);
    parts.snapshotter.prepare(key, Optional.of(image), Map.of());
    assertThat(parts.snapshotter.mounts(key)).hasSize(1);
    parts.snapshotter.commit(key, key + "-committed", Optional.empty(), Map.of());
    parts.snapshotter.remove(key + "-committed");
    parts.snapshotter.remove(image);
  }

  /** Asks for a layer with labels more, and returns whether it is served lazily. */
  private boolean prepare(String target, Digest blob, Map<String, String> more) throws Exception {
    return prepare(target, blob, "registry.test/image:1", more);
  }

  private boolean prepare(String target, Digest blob, String image, Map<String, String> more)
      throws Exception {
    Map<String, String> all = new HashMap<>(labels(target, blob, image));
    all.putAll(more);
    try {
      parts.snapshotter.prepare("extract " + target, Optional.empty(), all);
      return false;
    } catch (AlreadyExists expected) {
      return true;
    }
  }

  private static Map<String, String> tree(String hash, long offset) {
    return Map.of(
        VerityAnnotations.ROOT_HASH, hash, VerityAnnotations.HASH_OFFSET, Long.toString(offset));
  }

  private void pull(String target, Optional<String> parent, Digest blob) throws Exception {
    try {
      parts.snapshotter.prepare(
          "extract " + target, parent, labels(target, blob, "registry.test/image:1"));
    } catch (AlreadyExists expected) {
      assertThat(expected).hasMessageContaining(target);
      return;
    }
    throw new AssertionError("an ordinary snapshot was made for " + target);
  }

  private static Map<String, String> labels(String target, Digest blob, String image) {
    return Map.of(Labels.TARGET, target, Labels.LAYER_DIGEST, blob.toString(), Labels.IMAGE, image);
  }
}
