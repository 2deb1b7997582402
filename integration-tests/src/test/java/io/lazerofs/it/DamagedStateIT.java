package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Finished;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A snapshotter that starts on damaged state: it says what is damaged, and serves the rest. */
final class DamagedStateIT {
  private static final Duration WITHIN = Duration.ofSeconds(30);

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;

  @BeforeAll
  static void push() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    for (var name : new String[] {"one", "two"}) {
      var layer = new TarLayer().file("f", name).tar();
      var image =
          OciImages.layout(stage.dir().resolve("image-" + name), OciImages.busybox(), layer);
      registry.push(image, "damaged:" + name + "-plain");
      stage.convert(reference(name + "-plain"), reference(name), "oci").ok();
    }
  }

  @Test
  void aDamagedRecordIsNamedAndTheOtherImageRuns() throws Exception {
    try (var daemon = Daemon.start(stage);
        var containerd = Containerd.start(stage, daemon.socket())) {
      containerd.pullLazily(reference("one")).ok();
      containerd.pullLazily(reference("two")).ok();
      daemon.kill();
      damage(
          daemon.root(),
          "UPDATE layers SET blob = 'sha256:../../etc/passwd' WHERE layer = "
              + "(SELECT max(layer) FROM layers)");
      daemon.restart();
      containerd.awaitSnapshotter();

      await().atMost(WITHIN).until(() -> setAside(daemon).size() == 1);
      assertThat(setAside(daemon).getFirst()).startsWith("layer 3: ").contains("../../etc/passwd");
      assertThat(stage.lazerofs("status", "--address", daemon.socket().toString()).ok().out())
          .contains("set aside     layer 3: ");
      assertThat(run(containerd, "one").ok().out()).isEqualTo("one");
      var refused = run(containerd, "two");
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.err()).contains("layer 3 is not served");

      containerd.remove(reference("two"));
      await().atMost(WITHIN).until(() -> setAside(daemon).isEmpty());
      containerd.pullLazily(reference("two")).ok();
      assertThat(run(containerd, "two").ok().out()).isEqualTo("two");
      containerd.remove(reference("one"));
      containerd.remove(reference("two"));
      await().atMost(WITHIN).until(() -> blobs(daemon).isEmpty());
    }
  }

  @Test
  void blobFilesThatAreGoneOrCutShortAreFetchedAgain() throws Exception {
    try (var daemon = Daemon.start(stage);
        var containerd = Containerd.start(stage, daemon.socket())) {
      containerd.pullLazily(reference("one")).ok();
      assertThat(run(containerd, "one").ok().out()).isEqualTo("one");
      daemon.kill();
      for (var blob : blobs(daemon)) {
        if (blob.toString().endsWith(".data")) {
          try (var file = FileChannel.open(blob, StandardOpenOption.WRITE)) {
            file.truncate(5);
          }
          break;
        }
      }
      Files.delete(
          blobs(daemon).stream().filter(DamagedStateIT::isWhole).findFirst().orElseThrow());
      daemon.restart();
      containerd.awaitSnapshotter();

      assertThat(run(containerd, "one").ok().out()).isEqualTo("one");
      assertThat(setAside(daemon)).isEmpty();
      containerd.remove(reference("one"));
    }
  }

  @Test
  void aDamagedDatabaseIsSetAsideAndImagesCanBePulledAnew() throws Exception {
    try (var daemon = Daemon.start(stage)) {
      try (var containerd = Containerd.start(stage, daemon.socket())) {
        containerd.pullLazily(reference("one")).ok();
      }
      daemon.kill();
      // With its write-ahead log SQLite would mend it.
      Files.delete(daemon.root().resolve("snapshots.db-wal"));
      Files.writeString(daemon.root().resolve("snapshots.db"), "no database ".repeat(1000));
      daemon.restart();

      assertThat(setAside(daemon).getFirst()).startsWith(daemon.root() + "/set-aside-");
      try (var containerd = Containerd.start(stage, daemon.socket())) {
        containerd.pullLazily(reference("one")).ok();
        assertThat(run(containerd, "one").ok().out()).isEqualTo("one");
        containerd.remove(reference("one"));
      }
    }
  }

  private static Finished run(Containerd containerd, String name)
      throws IOException, InterruptedException {
    return containerd.run("lazerofs", reference(name), "reader-" + name, "cat", "/f");
  }

  private static void damage(Path root, String sql) throws SQLException {
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + root.resolve("snapshots.db"));
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> setAside(Daemon daemon) throws IOException, InterruptedException {
    var lines = new ArrayList<String>();
    new ObjectMapper()
        .readTree(daemon.statusJson())
        .required("set_aside")
        .forEach(line -> lines.add(line.textValue()));
    return lines;
  }

  private static boolean isWhole(Path file) {
    return file.toString().endsWith(".data") && file.toFile().length() > 5;
  }

  private static List<Path> blobs(Daemon daemon) throws IOException {
    try (Stream<Path> files = Files.list(daemon.root().resolve("cache/blobs"))) {
      return files.sorted().toList();
    }
  }

  private static String reference(String tag) {
    return registry.address() + "/damaged:" + tag;
  }
}
