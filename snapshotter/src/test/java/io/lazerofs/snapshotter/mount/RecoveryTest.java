package io.lazerofs.snapshotter.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.Snapshot;
import io.lazerofs.snapshotter.store.SnapshotException.AlreadyExists;
import io.lazerofs.snapshotter.store.SnapshotException.FailedPrecondition;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts on damaged states: what is damaged is named, and all else is served. */
class RecoveryTest {
  @TempDir private Path root;

  private final CountedLayers source = new CountedLayers();
  private TestSnapshotter parts;

  @BeforeEach
  void pullAndRun() throws Exception {
    parts = new TestSnapshotter(root, source);
    pull("sha256:one", "blob 1");
    pull("sha256:two", "blob 2");
    parts.snapshotter.prepare("on-one", Optional.of("sha256:one"), Map.of());
    parts.snapshotter.prepare("on-two", Optional.of("sha256:two"), Map.of());
    parts.snapshotter.prepare("plain", Optional.empty(), Map.of());
  }

  @AfterEach
  void close() throws IOException {
    parts.close();
  }

  @Test
  void nothingIsSetAsideOfASoundState() throws Exception {
    restart();

    await().until(() -> parts.table.layers().size() == 2);
    assertThat(parts.setAside.lines()).isEmpty();
    assertThat(parts.snapshotter.mounts("on-one")).hasSize(1);
  }

  @Test
  void aLayerWithABrokenDigestIsSetAsideAloneAndCanBeRemoved() throws Exception {
    damage("UPDATE layers SET blob = CAST(X'00ff2f2e2e2f' AS TEXT) WHERE layer = 1");

    await().until(() -> parts.setAside.lines().size() == 1);
    assertThat(parts.setAside.lines().getFirst()).startsWith("layer 1: ").contains("digest");
    assertThat(parts.snapshotter.mounts("on-two")).hasSize(1);
    assertThatThrownBy(() -> parts.snapshotter.mounts("on-one"))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("layer 1 is not served");

    parts.snapshotter.remove("on-one");
    parts.snapshotter.remove("sha256:one");
    assertThat(parts.setAside.lines()).isEmpty();
    pull("sha256:one", "blob 1");
    parts.snapshotter.prepare("on-one", Optional.of("sha256:one"), Map.of());
  }

  @Test
  void aSnapshotOfAKindThatThereIsNotIsSetAsideAloneAndCanBeRemoved() throws Exception {
    damage("UPDATE snapshots SET kind = 77 WHERE key = 'plain'");

    assertThat(parts.setAside.lines())
        .containsExactly(
            "snapshot \"plain\": snapshot \"plain\" is of kind 77, which there is not");
    assertThat(parts.snapshotter.list(any -> true))
        .extracting(Snapshot::key)
        .containsExactly("sha256:one", "sha256:two", "on-one", "on-two");
    assertThatThrownBy(() -> parts.snapshotter.stat("plain"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("\"plain\" is of kind 77");

    parts.snapshotter.remove("plain");
    assertThat(parts.setAside.lines()).isEmpty();
  }

  @Test
  void aSnapshotWhoseParentIsNotOnRecordIsNotMountedWithoutIt() throws Exception {
    damage("UPDATE snapshots SET parent = 4711 WHERE key = 'on-one'");

    assertThat(parts.setAside.lines()).hasSize(1);
    assertThat(parts.setAside.lines().getFirst()).contains("on-one").contains("4711");
    assertThatThrownBy(() -> parts.snapshotter.mounts("on-one")).isInstanceOf(IOException.class);
    assertThat(parts.snapshotter.mounts("on-two")).hasSize(1);
  }

  @Test
  void parentsThatGoInACircleEnd() throws Exception {
    damage(
        "UPDATE snapshots SET parent = (SELECT id FROM snapshots WHERE key = 'sha256:two')"
            + " WHERE key = 'sha256:one'",
        "UPDATE snapshots SET parent = (SELECT id FROM snapshots WHERE key = 'sha256:one')"
            + " WHERE key = 'sha256:two'");

    assertThatThrownBy(() -> parts.snapshotter.mounts("on-one"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("\"on-one\" lead nowhere");
    assertThat(parts.snapshotter.mounts("plain")).hasSize(1);
  }

  @Test
  void aSnapshotWithoutItsDirectoryIsSetAsideAndNotMounted() throws Exception {
    long id = parts.snapshotter.stat("plain").id();
    parts.close();
    FileTree.delete(root.resolve("s/" + id));
    open();

    assertThat(parts.setAside.lines()).hasSize(1);
    assertThat(parts.setAside.lines().getFirst())
        .startsWith("snapshot \"plain\": ")
        .contains(root.resolve("s/" + id).toString());
    assertThatThrownBy(() -> parts.snapshotter.mounts("plain"))
        .isInstanceOf(FailedPrecondition.class);
    assertThat(parts.snapshotter.mounts("on-one")).hasSize(1);

    parts.snapshotter.remove("plain");
    assertThat(parts.setAside.lines()).isEmpty();
  }

  @Test
  void aFileThatIsNoDatabaseIsSetAsideWithTheFilesThatItWasTheRecordOf() throws Exception {
    Files.writeString(parts.directory.files(5).resolve("precious"), "x");
    parts.close();
    Files.writeString(root.resolve("snapshots.db"), "all that was here is gone ".repeat(1000));
    open();

    List<Path> aside = parts.directory.allSetAside();
    assertThat(aside).hasSize(1);
    assertThat(aside.getFirst().resolve("s/5/fs/precious")).hasContent("x");
    assertThat(aside.getFirst().resolve("snapshots.db")).isRegularFile();
    assertThat(parts.setAside.lines().getFirst())
        .startsWith(aside.getFirst() + ": a damaged record");
    assertThat(parts.snapshotter.list(any -> true)).isEmpty();
    pull("sha256:one", "blob 1");
    parts.snapshotter.prepare("on-one", Optional.of("sha256:one"), Map.of());

    restart();
    assertThat(parts.setAside.lines()).as("until somebody looked after it").hasSize(1);
    assertThat(parts.snapshotter.list(any -> true)).hasSize(2);
  }

  @Test
  void aDatabaseWithADamagedPageIsSetAside() throws Exception {
    parts.close();
    try (FileChannel file =
        FileChannel.open(root.resolve("snapshots.db"), StandardOpenOption.WRITE)) {
      for (long page = 1; page < file.size() / 4096; page++) {
        file.write(
            ByteBuffer.wrap("hostile bytes".repeat(300).getBytes(StandardCharsets.UTF_8)),
            page * 4096);
      }
    }
    open();

    assertThat(parts.setAside.lines()).hasSize(1);
    assertThat(parts.snapshotter.list(any -> true)).isEmpty();
  }

  @Test
  void aDatabaseWithoutItsTablesIsSetAside() throws Exception {
    damage("DROP TABLE labels");

    assertThat(parts.directory.allSetAside()).hasSize(1);
    assertThat(parts.snapshotter.list(any -> true)).isEmpty();
  }

  @Test
  void filesOfSnapshotsAreKeptWhenTheirRecordIsGone() throws Exception {
    Files.writeString(parts.directory.files(5).resolve("precious"), "x");
    parts.close();
    for (String file : List.of("snapshots.db", "snapshots.db-wal", "snapshots.db-shm")) {
      Files.deleteIfExists(root.resolve(file));
    }
    open();

    assertThat(parts.directory.allSetAside().getFirst().resolve("s/5/fs/precious")).exists();
  }

  private void restart() throws Exception {
    parts.close();
    open();
  }

  private void open() throws Exception {
    parts = new TestSnapshotter(root, source);
    parts.recover();
  }

  /** Writes what no lazerofs would. */
  private void damage(String... statements) throws Exception {
    parts.close();
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + root.resolve("snapshots.db"));
        var statement = connection.createStatement()) {
      statement.execute("PRAGMA ignore_check_constraints = ON");
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    open();
  }

  private void pull(String target, String content) throws Exception {
    Digest blob = Digest.of(content.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() ->
            parts.snapshotter.prepare(
                "extract " + target,
                Optional.empty(),
                Map.of(
                    Labels.TARGET,
                    target,
                    Labels.LAYER_DIGEST,
                    blob.toString(),
                    Labels.IMAGE,
                    "registry.test/image:1")))
        .isInstanceOf(AlreadyExists.class);
  }
}
