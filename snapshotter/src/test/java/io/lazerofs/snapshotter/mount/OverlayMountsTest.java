package io.lazerofs.snapshotter.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.Level;
import io.lazerofs.snapshotter.store.Snapshot;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.FailedPrecondition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlayMountsTest {
  /** What mount(2) takes of options: a page. */
  private static final int PAGE = 4096;

  /** As long as the default root, which a test does not write to. */
  private static final String DEFAULT_ROOT = "/var/lib/lazerofs";

  private static final Map<String, String> MAPPED =
      Map.of(Labels.UID_MAPPING, "0:1000:65536", Labels.GID_MAPPING, "0:2000:65536");

  @TempDir private Path directory;

  @Test
  void lazyLayersAndOrdinaryOnesMix() throws Exception {
    assertThat(options(mounts(), Kind.ACTIVE, Map.of(), List.of(lazy(3), ordinary(8), lazy(1))))
        .contains("lowerdir=%s/fs/3:%s/s/8/fs:%s/fs/1".formatted(directory, directory, directory));
  }

  @Test
  void aViewOfOneLazyLayerIsABindOfIt() throws Exception {
    assertThat(mounts().of(snapshot(Kind.VIEW, Map.of()), List.of(lazy(7))))
        .containsExactly(
            new Mount("bind", directory.resolve("fs/7").toString(), List.of("ro", "rbind")));
  }

  @Test
  void aKernelWithoutAnIndexIsNotToldToSwitchItOff() throws Exception {
    OverlayMounts old = mounts(new OverlayFeatures(false, false, false, false, false));

    assertThat(options(old, Kind.ACTIVE, Map.of(), List.of(lazy(1))))
        .noneMatch(option -> option.startsWith("index"));
  }

  @Test
  void inAUserNamespaceAttributesAreThoseOfUsers() throws Exception {
    OverlayMounts contained = mounts(new OverlayFeatures(true, true, true, true, true));

    assertThat(options(contained, Kind.ACTIVE, Map.of(), List.of(lazy(1)))).contains("userxattr");
    assertThat(options(mounts(), Kind.ACTIVE, Map.of(), List.of(lazy(1))))
        .doesNotContain("userxattr");
  }

  @Test
  void aLayerThatAnImageHasTwiceIsALowerDirectoryOnce() throws Exception {
    assertThat(options(mounts(), Kind.ACTIVE, Map.of(), List.of(lazy(3), ordinary(8), lazy(3))))
        .contains("lowerdir=%s/fs/3:%s/s/8/fs".formatted(directory, directory));
    assertThat(mounts().of(snapshot(Kind.VIEW, Map.of()), List.of(lazy(3), lazy(3))))
        .extracting(Mount::type)
        .containsExactly("bind");
  }

  @Test
  void onlyWhatIsWrittenToIsVolatileAndOnlyWhenAskedFor() throws Exception {
    Map<String, String> asked = Map.of(Labels.VOLATILE, "true");
    List<Level> parents = List.of(lazy(2), lazy(1));
    OverlayMounts old = mounts(new OverlayFeatures(true, false, false, true, true));

    assertThat(options(mounts(), Kind.ACTIVE, asked, parents)).contains("volatile");
    assertThat(options(mounts(), Kind.ACTIVE, Map.of(), parents)).doesNotContain("volatile");
    assertThat(options(mounts(), Kind.VIEW, asked, parents)).doesNotContain("volatile");
    assertThat(options(mounts(), Kind.ACTIVE, asked, List.of())).doesNotContain("volatile");
    assertThat(options(old, Kind.ACTIVE, asked, parents)).doesNotContain("volatile");
  }

  @Test
  void mappedIdsAreOptionsOfEveryMount() throws Exception {
    for (List<Level> parents :
        List.<List<Level>>of(List.of(), List.of(lazy(1)), List.of(lazy(2), lazy(1)))) {
      for (Kind kind : List.of(Kind.ACTIVE, Kind.VIEW)) {
        assertThat(options(mounts(), kind, MAPPED, parents))
            .contains("uidmap=0:1000:65536", "gidmap=0:2000:65536");
      }
    }
  }

  @Test
  void aKernelThatCannotMapIdsIsNotAskedTo() throws Exception {
    OverlayMounts old = mounts(new OverlayFeatures(true, false, true, false, false));
    OverlayMounts ordinaryOnly = mounts(new OverlayFeatures(true, false, true, true, false));

    assertThatThrownBy(() -> old.of(snapshot(Kind.ACTIVE, MAPPED), List.of()))
        .isInstanceOf(FailedPrecondition.class)
        .hasMessageContaining("Linux 5.19");
    assertThatThrownBy(() -> ordinaryOnly.of(snapshot(Kind.ACTIVE, MAPPED), List.of(lazy(1))))
        .isInstanceOf(FailedPrecondition.class)
        .hasMessageContaining("Linux 6.12");
    assertThat(options(ordinaryOnly, Kind.ACTIVE, MAPPED, List.of(ordinary(1))))
        .contains("uidmap=0:1000:65536");
  }

  @Test
  void theOptionsOf127LayersFitInAPage() throws Exception {
    for (List<Level> ancestors : List.of(manyLazy(127), manyOrdinary(127))) {
      String options =
          String.join(",", options(mounts(), Kind.ACTIVE, Map.of(), ancestors))
              .replace(directory.toString(), DEFAULT_ROOT);
      assertThat(options.length()).isLessThan(PAGE);
    }
  }

  @Test
  void layersBelowALongPathFitWhenTheyAreNamedFromThere() throws Exception {
    Path deep = directory.resolve("d".repeat(200)).resolve("d".repeat(200));
    OverlayMounts mounts = new OverlayMounts(StateDirectory.open(deep), OverlayFeatures.ALL);

    String options = String.join(",", options(mounts, Kind.ACTIVE, Map.of(), manyOrdinary(127)));

    assertThat(options.length()).isGreaterThan(PAGE);
    assertThat(options.replace(deep + "/s/99", "s/99").length()).isLessThan(PAGE);
  }

  @Test
  void moreLayersThanCanBeMountedAreRefused() throws Exception {
    assertThatThrownBy(() -> mounts().of(snapshot(Kind.ACTIVE, Map.of()), manyOrdinary(400)))
        .isInstanceOf(FailedPrecondition.class)
        .hasMessageContaining("400 layers");
    assertThatThrownBy(() -> mounts().of(snapshot(Kind.VIEW, Map.of()), manyLazy(501)))
        .isInstanceOf(FailedPrecondition.class)
        .hasMessageContaining("500 at most");
  }

  private OverlayMounts mounts() throws IOException {
    return mounts(OverlayFeatures.ALL);
  }

  private OverlayMounts mounts(OverlayFeatures features) throws IOException {
    return new OverlayMounts(StateDirectory.open(directory), features);
  }

  private static List<String> options(
      OverlayMounts mounts, Kind kind, Map<String, String> labels, List<Level> ancestors)
      throws SnapshotException {
    return mounts.of(snapshot(kind, labels), ancestors).getFirst().options();
  }

  private static List<Level> manyLazy(int count) {
    return IntStream.range(0, count).mapToObj(i -> lazy(8191 - i)).toList();
  }

  private static List<Level> manyOrdinary(int count) {
    return IntStream.range(0, count).mapToObj(i -> ordinary(99_000 + i)).toList();
  }

  private static Level lazy(int layer) {
    return new Level(layer, Optional.of(layer));
  }

  private static Level ordinary(long id) {
    return new Level(id, Optional.empty());
  }

  private static Snapshot snapshot(Kind kind, Map<String, String> labels) {
    return new Snapshot(
        99_999,
        "key",
        Optional.empty(),
        kind,
        labels,
        Instant.EPOCH,
        Instant.EPOCH,
        Optional.empty());
  }
}
