package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Mounted;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.RegistryBlobs;
import io.lazerofs.it.stage.Snapshots;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.snapshotter.proto.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A container with users of its own, on a lazy layer and an unpacked one: the test mounts as
 * containerd does, each lower directory with its ids mapped.
 */
final class MappedIdsIT {
  private static final Path PROGRAM = Path.of("src", "test", "c", "idmapped_bind.c");
  private static final String USERS = "0:100000:65536";
  private static final String GROUPS = "0:200000:65536";

  @RegisterExtension static final Stage stage = new Stage();

  private static RegistryBlobs blobs;

  @BeforeAll
  static void startRegistry() throws IOException {
    blobs = stage.keep(new RegistryBlobs(Registry.start(stage), "mapped"));
  }

  @Test
  void filesBelongToTheUsersOfTheContainer() throws Exception {
    try (var daemon = Daemon.start(stage);
        var snapshots = Snapshots.at(daemon.socket())) {
      snapshots.prepareLazily("lazy", "", blobs.push(image()));
      try (var mounted = mount(snapshots.prepare("extract", "lazy", Map.of()))) {
        Files.writeString(mounted.directory().resolve("unpacked"), "unpacked");
      }
      snapshots.commit("extract", "unpacked", "");
      Map<String, String> labels =
          Map.of(
              "containerd.io/snapshot/uidmapping", USERS,
              "containerd.io/snapshot/gidmapping", GROUPS);
      Mount mount = snapshots.prepare("container", "unpacked", labels).getFirst();
      assertThat(mount.getOptionsList()).contains("uidmap=" + USERS, "gidmap=" + GROUPS);
      assertThat(snapshots.mounts("container")).containsExactly(mount);

      Deque<Mounted> mapped = new ArrayDeque<>();
      try {
        check(mapped(mount, mapped));
      } finally {
        while (!mapped.isEmpty()) {
          mapped.pop().close();
        }
      }
    }
  }

  private static void check(Path root) throws Exception {
    assertThat(owner(root)).isEqualTo("100000:200000");
    assertThat(owner(root.resolve("of-root"))).isEqualTo("100000:200000");
    assertThat(owner(root.resolve("of-7-and-8"))).isEqualTo("100007:200008");
    assertThat(owner(root.resolve("unpacked"))).isEqualTo("100000:200000");
    assertThat(Files.readString(root.resolve("of-root"))).isEqualTo("secret");

    // The container's root reads what only root may read, and writes.
    Command.run(
        root,
        "setpriv",
        "--reuid=100000",
        "--regid=200000",
        "--clear-groups",
        "sh",
        "-c",
        "cat of-root > copy && chmod 600 of-root && echo more >> of-root");
    assertThat(owner(root.resolve("copy"))).isEqualTo("100000:200000");
    assertThat(root.resolve("of-root")).hasContent("secretmore");
    assertThat(
            Command.run(
                root,
                "setpriv",
                "--reuid=100007",
                "--regid=200008",
                "--clear-groups",
                "sh",
                "-c",
                "cat of-root 2>&1 || true"))
        .containsExactly("cat: of-root: Permission denied");
  }

  private static String owner(Path path) throws IOException {
    return Files.getAttribute(path, "unix:uid") + ":" + Files.getAttribute(path, "unix:gid");
  }

  private static Path image() throws IOException {
    Path tree = Files.createDirectory(stage.dir().resolve("tree"));
    Files.setAttribute(tree, "unix:mode", 0755);
    Files.setAttribute(Files.writeString(tree.resolve("of-root"), "secret"), "unix:mode", 0600);
    Path other = Files.writeString(tree.resolve("of-7-and-8"), "");
    Files.setAttribute(other, "unix:uid", 7);
    Files.setAttribute(other, "unix:gid", 8);
    Path image = stage.dir().resolve("image.erofs");
    DirectoryImporter.importDirectory(tree, image);
    return image;
  }

  /** Mounts an overlay over mapped mounts of its lower directories; all are added to a stack. */
  private static Path mapped(Mount mount, Deque<Mounted> mounts) throws Exception {
    Path program = stage.dir().resolve("idmapped_bind");
    stage.run("gcc", "-O2", "-o", program + "", PROGRAM.toAbsolutePath() + "").ok();
    Mount.Builder overlay = mount.toBuilder().clearOptions();
    for (String option : mount.getOptionsList()) {
      if (option.startsWith("lowerdir=")) {
        List<String> lowers = new ArrayList<>();
        for (String lower : option.substring("lowerdir=".length()).split(":")) {
          Path target = Files.createTempDirectory(stage.dir(), "mapped");
          stage
              .run(
                  program + "",
                  lower,
                  target + "",
                  USERS.replace(':', ' '),
                  GROUPS.replace(':', ' '))
              .ok();
          mounts.push(Mounted.at(target));
          lowers.add(target.toString());
        }
        overlay.addOptions("lowerdir=" + String.join(":", lowers));
      } else if (!option.contains("idmap=")) {
        overlay.addOptions(option);
      }
    }
    mounts.push(mount(List.of(overlay.build())));
    return mounts.peek().directory();
  }

  private static Mounted mount(List<Mount> mounts) throws IOException {
    return Mounted.on(Files.createTempDirectory(stage.dir(), "mnt"), mounts);
  }
}
