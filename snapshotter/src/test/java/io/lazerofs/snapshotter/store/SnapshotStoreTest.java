package io.lazerofs.snapshotter.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotStoreTest {
  private static final Owner ROOT = new Owner(0, 0);
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678901234Z");

  @TempDir private Path directory;
  private SnapshotStore store;

  @BeforeEach
  void open() throws IOException {
    store = SnapshotStore.open(directory.resolve("snapshots.db"), () -> NOW);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Test
  void whatWasRecordedIsThereAfterAReopen() throws Exception {
    Snapshot made =
        store.transact(t -> t.create(Kind.ACTIVE, "key", Optional.empty(), Map.of("a", "b")));
    store.close();
    open();

    assertThat(store.<Snapshot>transact(t -> t.get("key"))).isEqualTo(made);
    assertThat(made.created()).isEqualTo(NOW);
  }

  @Test
  void aFailedTransactionLeavesNothing() throws Exception {
    assertThatThrownBy(() ->
            store.transact(t -> {
              t.create(Kind.ACTIVE, "key", Optional.empty(), Map.of());
              throw new IOException("disk full");
            }))
        .hasMessage("disk full");

    assertThat(store.<Boolean>transact(t -> t.find("key").isPresent())).isFalse();
  }

  @Test
  void aNumberIsNeverUsedAgain() throws Exception {
    long first = create("a").id();
    store.transact(t -> t.remove("a"));
    store.close();
    open();

    assertThat(create("b").id()).isGreaterThan(first);
  }

  @Test
  void labelsWithoutAValueAreNotKept() throws Exception {
    Snapshot snapshot =
        store.transact(
            t -> t.create(Kind.VIEW, "key", Optional.empty(), Map.of("a", "", "b", "1")));

    assertThat(snapshot.labels()).isEqualTo(Map.of("b", "1"));
  }

  @Test
  void aBlobHasOneLayerHoweverManySnapshotsUseIt() throws Exception {
    store.transact(t -> {
      int layer = t.layers().add(blob("x"), 4096, Optional.empty(), ROOT, "r/one:1").index();
      t.layers().addImage(layer, "r/two:1");
      t.createOfLayer("one", Optional.empty(), Map.of(), layer);
      return t.createOfLayer("two", Optional.of("one"), Map.of(), layer);
    });

    store.transact(t -> t.remove("two"));
    assertThat(layer("x"))
        .contains(
            new LayerRecord(
                1, 1, blob("x"), 4096, Optional.empty(), ROOT, List.of("r/one:1", "r/two:1")));
    store.transact(t -> t.remove("one"));
    assertThat(layer("x")).isEmpty();
  }

  @Test
  void aReusedIndexHasTheHashTreeOfItsNewBlob() throws Exception {
    VerityRoot root = new VerityRoot(blob("root"), 8192);
    store.transact(t -> {
      int layer = t.layers().add(blob("x"), 4096, Optional.of(root), ROOT, "r/i").index();
      return t.createOfLayer("one", Optional.empty(), Map.of(), layer);
    });
    store.close();
    open();
    assertThat(layer("x").orElseThrow().verity()).contains(root);

    fillAllIndexes(2);
    store.transact(t -> t.remove("one"));

    LayerRecord reused =
        store.transact(t -> t.layers().add(blob("new"), 1, Optional.empty(), ROOT, "r/i"));
    assertThat(reused.index()).isEqualTo(1);
    assertThat(reused.verity()).isEmpty();
  }

  @Test
  void aDatabaseOfTheFirstVersionGoesOnWithItsLayers() throws Exception {
    store.close();
    for (String file : List.of("snapshots.db", "snapshots.db-wal", "snapshots.db-shm")) {
      Files.deleteIfExists(directory.resolve(file));
    }
    makeFirstVersion();

    for (int opening = 0; opening < 2; opening++) {
      open();
      assertThat(layer("x"))
          .contains(
              new LayerRecord(
                  1, 3, blob("x"), 4096, Optional.empty(), new Owner(5, 6), List.of("r/one:1")));
      assertThat(store.<Snapshot>transact(t -> t.get("old")).layer()).contains(1);
      store.close();
    }
    open();
    VerityRoot root = new VerityRoot(blob("root"), 8192);
    store.transact(t -> t.layers().add(blob("new"), 1, Optional.of(root), ROOT, "r/i"));
    assertThat(layer("new").orElseThrow().verity()).contains(root);
  }

  private void makeFirstVersion() throws Exception {
    try (var script = SnapshotStoreTest.class.getResourceAsStream("version-1.sql");
        var connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("snapshots.db"));
        var statement = connection.createStatement()) {
      statement.executeUpdate(
          new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void anIndexIsReusedLastAndInItsNextGeneration() throws Exception {
    fillAllIndexes();
    store.transact(t -> t.remove("n7"));
    store.transact(t -> t.remove("n9"));

    LayerRecord reused =
        store.transact(t -> t.layers().add(blob("new"), 1, Optional.empty(), ROOT, "r/i"));

    assertThat(reused.index()).isEqualTo(7);
    assertThat(reused.generation()).isEqualTo(2);
    assertThat(reused.images()).containsExactly("r/i");
  }

  @Test
  void whenAllIndexesAreInUseALayerIsUnavailable() throws Exception {
    fillAllIndexes();

    assertThatThrownBy(() ->
            store.transact(t -> t.layers().add(blob("new"), 1, Optional.empty(), ROOT, "r/i")))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("8191");
  }

  @Test
  void theSameTargetOnAnotherParentIsAnotherSnapshot() throws Exception {
    Map<String, String> labels = Map.of(Labels.TARGET, "sha256:t");
    store.transact(t -> {
      int layer = t.layers().add(blob("x"), 1, Optional.empty(), ROOT, "r/i").index();
      t.createOfLayer("base", Optional.empty(), Map.of(), layer);
      return t.createOfLayer("t", Optional.of("base"), labels, layer);
    });

    assertThat(
            store.<Boolean>transact(t -> t.findTarget("sha256:t", Optional.of("base")).isPresent()))
        .isTrue();
    assertThat(store.<Boolean>transact(t -> t.findTarget("sha256:t", Optional.empty()).isPresent()))
        .isFalse();
  }

  @Test
  void aFileThatIsNoDatabaseIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("other"), "x".repeat(8192));

    assertThatThrownBy(() -> SnapshotStore.open(file, () -> NOW))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a database");
  }

  private void fillAllIndexes() throws Exception {
    fillAllIndexes(1);
  }

  private void fillAllIndexes(int first) throws Exception {
    store.transact(t -> {
      for (int i = first; i <= LayerRecord.LAST_INDEX; i++) {
        LayerRecord layer = t.layers().add(blob("blob " + i), 1, Optional.empty(), ROOT, "r/old");
        t.createOfLayer("n" + i, Optional.empty(), Map.of(), layer.index());
      }
      return true;
    });
  }

  private Snapshot create(String key) throws Exception {
    return store.transact(t -> t.create(Kind.ACTIVE, key, Optional.empty(), Map.of()));
  }

  private Optional<LayerRecord> layer(String content) throws Exception {
    return store.transact(t -> t.layers().find(blob(content)));
  }

  private static Digest blob(String content) {
    return Digest.of(content.getBytes(StandardCharsets.UTF_8));
  }
}
