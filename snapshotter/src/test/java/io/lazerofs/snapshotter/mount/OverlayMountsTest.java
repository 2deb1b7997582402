package io.lazerofs.snapshotter.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.Level;
import io.lazerofs.snapshotter.store.Snapshot;
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

  @TempDir private Path directory;

  @Test
  void lazyLayersAndOrdinaryOnesMix() throws IOException {
    Mount mount =
        mounts().of(snapshot(Kind.ACTIVE), List.of(lazy(3), ordinary(8), lazy(1))).getFirst();

    assertThat(mount.options())
        .contains("lowerdir=%s/fs/3:%s/s/8/fs:%s/fs/1".formatted(directory, directory, directory));
  }

  @Test
  void aViewOfOneLazyLayerIsABindOfIt() throws IOException {
    assertThat(mounts().of(snapshot(Kind.VIEW), List.of(lazy(7))))
        .containsExactly(
            new Mount("bind", directory.resolve("fs/7").toString(), List.of("ro", "rbind")));
  }

  @Test
  void aKernelWithoutAnIndexIsNotToldToSwitchItOff() throws IOException {
    OverlayMounts old = new OverlayMounts(StateDirectory.open(directory), false);

    assertThat(old.of(snapshot(Kind.ACTIVE), List.of(lazy(1))).getFirst().options())
        .noneMatch(option -> option.startsWith("index"));
  }

  @Test
  void theOptionsOf127LayersFitInAPage() throws IOException {
    List<Level> lazy = IntStream.range(0, 127).mapToObj(i -> lazy(8191 - i)).toList();
    List<Level> ordinary = IntStream.range(0, 127).mapToObj(i -> ordinary(99_000 + i)).toList();

    for (List<Level> ancestors : List.of(lazy, ordinary)) {
      String options =
          String.join(",", mounts().of(snapshot(Kind.ACTIVE), ancestors).getFirst().options())
              .replace(directory.toString(), DEFAULT_ROOT);
      assertThat(options.length()).isLessThan(PAGE);
    }
  }

  private OverlayMounts mounts() throws IOException {
    return new OverlayMounts(StateDirectory.open(directory), true);
  }

  private static Level lazy(int layer) {
    return new Level(layer, Optional.of(layer));
  }

  private static Level ordinary(long id) {
    return new Level(id, Optional.empty());
  }

  private static Snapshot snapshot(Kind kind) {
    return new Snapshot(
        99_999,
        "key",
        Optional.empty(),
        kind,
        Map.of(),
        Instant.EPOCH,
        Instant.EPOCH,
        Optional.empty());
  }
}
