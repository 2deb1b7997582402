package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.it.stage.Mounted;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.RegistryBlobs;
import io.lazerofs.it.stage.Service;
import io.lazerofs.it.stage.Snapshots;
import io.lazerofs.it.stage.Stage;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a daemon leaves on the machine is for its owner alone, also when it was started with a umask
 * that hides nothing, and nothing of it is outside of its directories, whatever it was asked for.
 */
final class PrivacyIT {
  private static final Path HOME = Path.of(System.getProperty("lazerofs.home", ".."));

  @RegisterExtension static final Stage stage = new Stage();

  private static RegistryBlobs blobs;

  @BeforeAll
  static void startRegistry() throws IOException {
    blobs = stage.keep(new RegistryBlobs(Registry.start(stage), "private"));
  }

  @Test
  void onlyTheOwnerSeesStateAndSocket() throws Exception {
    Path dir = Files.createDirectory(stage.dir().resolve("daemon"));
    Path blob = image();
    try (Service daemon = start(dir);
        var snapshots = Snapshots.at(dir.resolve("run/deep/s"))) {
      snapshots.prepareLazily("lazy", "", blobs.push(blob));
      try (var mounted =
          Mounted.on(
              Files.createTempDirectory(stage.dir(), "mnt"),
              snapshots.prepare("active", "lazy", Map.of()))) {
        assertThat(mounted.directory().resolve("secret")).hasContent("secret");
        Files.writeString(mounted.directory().resolve("written"), "x");
        // An upper that leads outside: its files are counted and deleted, not what they name.
        Files.createSymbolicLink(mounted.directory().resolve("up"), Path.of("../../../.."));
        Files.createSymbolicLink(mounted.directory().resolve("away"), stage.dir());
      }
      askForTheImpossible(snapshots);
      assertThat(daemon.log()).doesNotContain("Exception");

      assertThat(dir.toFile().list()).containsExactlyInAnyOrder("config.toml", "root", "run");
      Map<String, String> open = openToOthers(dir);
      assertThat(open.remove("daemon")).isEqualTo("rwxr-xr-x");
      assertThat(open.remove("daemon/config.toml")).isEqualTo("rw-r--r--");
      assertThat(open.remove("daemon/root/s/2/fs"))
          .as("what a container sees as its root")
          .isEqualTo("rwxr-xr-x");
      assertThat(open).isEmpty();

      assertThat(snapshots.usage("active").getInodes()).isEqualTo(4);
      snapshots.removeAll();
      snapshots.cleanup();
      assertThat(dir.resolve("root/s")).isEmptyDirectory();
      assertThat(blob).as("what a link led to").exists();
    }
  }

  /** Asks for what leads out of the root, if anything does. */
  private static void askForTheImpossible(Snapshots snapshots) {
    for (String text :
        List.of("../../out", "/tmp/out", "oci:/etc", "file:///etc", "a\nb", "\0", "sha256:../x")) {
      Map<String, String> labels =
          Map.of(
              "containerd.io/snapshot.ref", text,
              "containerd.io/snapshot/cri.layer-digest", text,
              "containerd.io/snapshot/cri.image-ref", text);
      assertThat(snapshots.prepare(text, "", labels).getFirst().getSource()).contains("/root/s/");
      snapshots.remove(text);
      Map<String, String> mapping = Map.of("containerd.io/snapshot/uidmapping", text);
      Snapshots.assertRefused(
          Status.Code.INVALID_ARGUMENT, () -> snapshots.prepare(text, "lazy", mapping));
    }
  }

  private static Service start(Path dir) throws IOException {
    Path configuration =
        Files.writeString(
            dir.resolve("config.toml"),
            "root = \"%1$s/root\"%naddress = \"%1$s/run/deep/s\"%n".formatted(dir));
    Service daemon =
        stage.start(
            "snapshotter",
            "sh",
            "-c",
            "umask 0; exec \"$@\"",
            "sh",
            HOME.toAbsolutePath().resolve("bin/lazerofs").normalize().toString(),
            "snapshotter",
            "--config",
            configuration.toString());
    daemon.awaitLog(Pattern.compile("ready"));
    return daemon;
  }

  private static Path image() throws IOException {
    Path tree = Files.createDirectory(stage.dir().resolve("tree"));
    Files.writeString(tree.resolve("secret"), "secret");
    Path image = stage.dir().resolve("image.erofs");
    DirectoryImporter.importDirectory(tree, image);
    return image;
  }

  /** Returns the permissions of all below a directory that others may use in any way. */
  private static Map<String, String> openToOthers(Path dir) throws IOException {
    Map<String, String> open = new TreeMap<>();
    Files.walkFileTree(
        dir,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            note(path);
            // The daemon's own mount has the modes of the images, and is below the root.
            return path.endsWith("root/fs")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            note(path);
            return FileVisitResult.CONTINUE;
          }

          private void note(Path path) throws IOException {
            String modes = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
            if (!modes.endsWith("------") && !path.endsWith("root/fs") && !isOfContainer(path)) {
              open.put(stage.dir().relativize(path).toString(), modes);
            }
          }

          private boolean isOfContainer(Path path) {
            return path.toString().contains("/fs/") || path.toString().contains("/work/work");
          }
        });
    return open;
  }
}
