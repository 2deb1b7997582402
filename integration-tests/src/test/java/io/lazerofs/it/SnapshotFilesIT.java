package io.lazerofs.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Mounted;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.RegistryBlobs;
import io.lazerofs.it.stage.Snapshots;
import io.lazerofs.it.stage.Stage;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What files are like in chains of snapshots: those cases of containerd's suite for snapshotters
 * (core/snapshots/testsuite) that mount. Each change is made to a snapshot and to a plain
 * directory, and a view of the snapshot has to be like the directory. All of it twice: on a lowest
 * layer that was unpacked, and on a lazy one.
 */
final class SnapshotFilesIT {
  @RegisterExtension static final Stage stage = new Stage();

  private static RegistryBlobs blobs;
  private static Snapshots snapshots;

  /** What the lowest snapshot of a chain is. */
  enum Lowest {
    UNPACKED,
    LAZY
  }

  /** A change to the files of a tree, given by its root. */
  @FunctionalInterface
  private interface Change {
    void to(Path root) throws IOException;
  }

  @BeforeAll
  static void start() throws IOException {
    blobs = stage.keep(new RegistryBlobs(Registry.start(stage), "chains"));
    snapshots = stage.keep(Snapshots.at(Daemon.start(stage).socket()));
  }

  @AfterEach
  void removeAll() {
    snapshots.removeAll();
  }

  @ParameterizedTest
  @EnumSource
  void filesAreAddedChangedAndRemoved(Lowest lowest) throws Exception {
    assertLikePlainDirectories(
        lowest,
        root -> {
          write(root, "foo", "foo", 0777);
          directory(root, "a", 0755);
          directory(root, "a/b", 0755);
          directory(root, "a/b/c", 0755);
        },
        root -> {
          write(root, "bar", "bar", 0777);
          write(root, "foo", "bar", 0777);
          remove(root, "a/b/c", "a/b");
        });
  }

  @ParameterizedTest
  @EnumSource
  void aFileOfTheSameSizeIsReplacedAndAnotherGetsOtherPermissions(Lowest lowest) throws Exception {
    assertLikePlainDirectories(
        lowest,
        root -> {
          directory(root, "etc", 0700);
          write(root, "etc/hosts", "mydomain 10.0.0.1", 0644);
          write(root, "etc/profile", "PATH=/usr/bin", 0644);
        },
        root -> {
          write(root, "etc/hosts", "mydomain 10.0.0.2", 0644);
          write(root, "etc/profile", "PATH=/usr/bin", 0666);
          directory(root, "root", 0700);
          write(root, "root/.bashrc", "PATH=/usr/sbin:/usr/bin", 0644);
        });
  }

  @ParameterizedTest
  @EnumSource
  void aDirectoryThatIsMadeAnewHidesTheOldOne(Lowest lowest) throws Exception {
    assertLikePlainDirectories(
        lowest,
        root -> {
          directory(root, "lib", 0700);
          write(root, "lib/hidden", "", 0644);
        },
        root -> {
          remove(root, "lib/hidden", "lib");
          directory(root, "lib", 0700);
          write(root, "lib/not-hidden", "", 0644);
        },
        root -> write(root, "lib/new", "", 0644));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsRemovedInTheMiddleStaysRemovedAbove(Lowest lowest) throws Exception {
    assertLikePlainDirectories(
        lowest,
        root -> {
          write(root, "foo", "foo", 0777);
          write(root, "foobar", "foobar", 0777);
        },
        root -> remove(root, "foobar"),
        root -> {});
  }

  @ParameterizedTest
  @EnumSource
  void ownersChange(Lowest lowest) throws Exception {
    assertLikePlainDirectories(
        lowest,
        root -> {
          directory(root, "opt", 0700);
          directory(root, "opt/a", 0700);
          directory(root, "opt/a/b", 0700);
          write(root, "opt/a/b/file.txt", "hello", 0644);
        },
        root -> own(root, 1, "opt", "opt/a", "opt/a/b", "opt/a/b/file.txt"));
  }

  @ParameterizedTest
  @EnumSource
  void ownersOfDirectoriesSurviveCommits(Lowest lowest) throws Exception {
    assertLikePlainDirectories(
        lowest,
        root -> {
          for (int i = 1; i <= 5; i++) {
            directory(root, "dir" + i, 0700);
          }
          write(root, "dir4/f1", "...", 0644);
          write(root, "dir5/f1", "...", 0644);
          own(root, 1, "dir1", "dir2", "dir3", "dir5", "dir5/f1");
        },
        root -> {
          own(root, 0, "dir2");
          remove(root, "dir3");
          own(root, 1, "dir4", "dir4/f1");
        },
        root -> {
          directory(root, "dir3", 0700);
          own(root, 1, "dir3");
          remove(root, "dir5/f1", "dir5");
          directory(root, "dir5", 0700);
          own(root, 1, "dir5");
        });
  }

  @ParameterizedTest
  @EnumSource
  void filesMoveFromTheLayerBelow(Lowest lowest) throws Exception {
    assertLikePlainDirectories(
        lowest,
        root -> {
          directory(root, "dir1", 0700);
          write(root, "dir1/f1", "Hello", 0644);
          directory(root, "dir2", 0700);
          write(root, "dir2/f2", "...", 0644);
        },
        root -> {
          directory(root, "dir3", 0700);
          write(root, "dir3/f1", "Hello", 0644);
          remove(root, "dir1/f1", "dir1");
          Files.createLink(root.resolve("dir3/f2"), root.resolve("dir2/f2"));
          remove(root, "dir2/f2");
        });
  }

  @ParameterizedTest
  @EnumSource
  void filesAreRenamedAndRenamedOver(Lowest lowest) throws Exception {
    assertLikePlainDirectories(
        lowest,
        root -> {
          directory(root, "files", 0700);
          write(root, "files/f1", "was here first!", 0644);
          write(root, "files/f2", "nothing interesting", 0644);
        },
        root -> {
          write(root, "files/overwrite", "new content 1", 0644);
          Files.move(
              root.resolve("files/overwrite"),
              root.resolve("files/f1"),
              StandardCopyOption.ATOMIC_MOVE);
          Files.move(root.resolve("files/f2"), root.resolve("files/f3"));
        });
  }

  @ParameterizedTest
  @EnumSource
  void aViewCannotBeWrittenTo(Lowest lowest) throws Exception {
    String parent = "";
    for (int layers = 0; layers < 3; layers++) {
      String view = "view of " + layers;
      try (Mounted mounted = mount(snapshots.view(view, parent))) {
        assertThatThrownBy(() -> Files.writeString(mounted.directory().resolve("test"), "x"))
            .isInstanceOf(FileSystemException.class)
            .hasMessageContaining("Read-only file system");
      }
      snapshots.remove(view);
      parent = commitChange(lowest, layers, parent, root -> write(root, "f", "x", 0644));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theRootOfASnapshotCanBeEnteredByAll(Lowest lowest) throws Exception {
    String parent = commitChange(lowest, 0, "", root -> write(root, "f", "x", 0644));
    for (String below : List.of("", parent)) {
      try (Mounted mounted = mount(snapshots.prepare("active on " + below, below, Map.of()))) {
        assertThat(
                PosixFilePermissions.toString(Files.getPosixFilePermissions(mounted.directory())))
            .isEqualTo("rwxr-xr-x");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void mountsAreTheSameAfterACrash(Lowest lowest) throws Exception {
    try (Daemon mortal = Daemon.start(stage);
        Snapshots calls = Snapshots.at(mortal.socket())) {
      String lower =
          commitChange(calls, lowest, 0, "", root -> write(root, "lower", "lower", 0644));
      var mounts = calls.prepare("active", lower, Map.of());
      try (Mounted mounted = mount(mounts)) {
        write(mounted.directory(), "upper", "upper", 0644);
      }
      mortal.crash();
      assertThat(calls.mounts("active")).isEqualTo(mounts);
      try (Mounted mounted = mount(calls.mounts("active"))) {
        assertThat(mounted.directory().resolve("lower")).hasContent("lower");
        assertThat(mounted.directory().resolve("upper")).hasContent("upper");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void usageIsOfTheSnapshotAloneAndCountsEachFileOnce(Lowest lowest) throws Exception {
    byte[] content = new byte[300_000];
    content[0] = 1;
    String lower = commitChange(lowest, 0, "", root -> Files.write(root.resolve("lower"), content));
    var _ = snapshots.prepare("active", lower, Map.of());
    long empty = snapshots.usage("active").getSize();
    try (Mounted mounted = mount(snapshots.mounts("active"))) {
      Files.write(mounted.directory().resolve("f"), content);
      Files.createLink(mounted.directory().resolve("g"), mounted.directory().resolve("f"));
    }
    var written = snapshots.usage("active");
    assertThat(written.getSize() - empty).isBetween(300_000L, 350_000L);
    assertThat(written.getInodes()).isEqualTo(2);
    snapshots.commit("active", "upper", "");
    assertThat(snapshots.usage("upper")).isEqualTo(written);
    if (lowest == Lowest.LAZY) {
      assertThat(snapshots.usage(lower).getInodes()).isEqualTo(1);
      assertThat(snapshots.usage(lower).getSize()).as("read so far").isLessThan(300_000);
      read(lower, root -> assertThat(root.resolve("lower")).hasBinaryContent(content));
      assertThat(snapshots.usage(lower).getSize()).isGreaterThan(300_000);
    } else {
      assertThat(snapshots.usage(lower).getInodes()).isEqualTo(2);
      assertThat(snapshots.usage(lower).getSize()).isBetween(300_000L, 350_000L);
    }
  }

  @Test
  void aSnapshotThatNeedNotLastIsMountedSo() throws Exception {
    String lower = commitChange(Lowest.LAZY, 0, "", root -> write(root, "f", "x", 0644));
    var labels = Map.of("containerd.io/snapshot/overlay.volatile", "");
    assertThat(snapshots.prepare("kept", lower, labels).getFirst().getOptionsList())
        .as("a label without a value is none")
        .doesNotContain("volatile");
    labels = Map.of("containerd.io/snapshot/overlay.volatile", "true");
    try (Mounted mounted = mount(snapshots.prepare("active", lower, labels))) {
      write(mounted.directory(), "f", "y", 0644);
      assertThat(MountTable.below(stage.dir()))
          .anyMatch(line -> line.contains(mounted.directory() + " ") && line.contains("volatile"));
    }
  }

  @Test
  void layersThatWereUnpackedAtOnceAreStackedByTheirCommits() throws Exception {
    for (String key : List.of("top", "middle", "bottom")) {
      try (Mounted mounted = mount(snapshots.prepare(key, "", Map.of()))) {
        write(mounted.directory(), "same", key, 0644);
        write(mounted.directory(), "of-" + key, key, 0644);
      }
    }
    snapshots.commit("bottom", "1", "");
    snapshots.commit("middle", "2", "1");
    snapshots.commit("top", "3", "2");
    read(
        "3",
        root -> {
          assertThat(root.toFile().list())
              .containsExactlyInAnyOrder("same", "of-bottom", "of-middle", "of-top");
          assertThat(root.resolve("same")).hasContent("top");
        });
    for (String name : List.of("3", "2", "1")) {
      snapshots.remove(name);
    }
  }

  private static void assertLikePlainDirectories(Lowest lowest, Change... changes)
      throws Exception {
    Path plain = Files.createTempDirectory(stage.dir(), "plain");
    Files.setPosixFilePermissions(plain, PosixFilePermissions.fromString("rwxr-xr-x"));
    String parent = "";
    for (int i = 0; i < changes.length; i++) {
      parent = commitChange(lowest, i, parent, changes[i]);
      changes[i].to(plain);
      String view = "view of " + parent;
      try (Mounted mounted = mount(snapshots.view(view, parent))) {
        assertThat(TreeListing.attributes(mounted.directory(), ""))
            .as("after change %d", i)
            .isEqualTo(TreeListing.attributes(plain, ""));
        assertThat(TreeListing.contents(mounted.directory()))
            .as("after change %d", i)
            .isEqualTo(TreeListing.contents(plain));
      }
      snapshots.remove(view);
    }
  }

  private static String commitChange(Lowest lowest, int index, String parent, Change change)
      throws Exception {
    return commitChange(snapshots, lowest, index, parent, change);
  }

  private static String commitChange(
      Snapshots calls, Lowest lowest, int index, String parent, Change change) throws Exception {
    String name = "layer " + index;
    if (index == 0 && lowest == Lowest.LAZY) {
      Path tree = Files.createTempDirectory(stage.dir(), "tree");
      Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxr-xr-x"));
      change.to(tree);
      Path image = tree.resolveSibling(tree.getFileName() + ".erofs");
      DirectoryImporter.importDirectory(tree, image);
      calls.prepareLazily(name, parent, blobs.push(image));
    } else {
      try (Mounted mounted = mount(calls.prepare("extract " + name, parent, Map.of()))) {
        change.to(mounted.directory());
      }
      calls.commit("extract " + name, name, "");
    }
    return name;
  }

  private static void read(String name, Consumer<Path> reader) throws IOException {
    try (Mounted mounted = mount(snapshots.view("read " + name, name))) {
      reader.accept(mounted.directory());
    }
    snapshots.remove("read " + name);
  }

  private static Mounted mount(List<io.lazerofs.snapshotter.proto.Mount> mounts)
      throws IOException {
    return Mounted.on(Files.createTempDirectory(stage.dir(), "mnt"), mounts);
  }

  private static void write(Path root, String name, String content, int mode) throws IOException {
    Path file = root.resolve(name);
    Files.write(file, content.getBytes(UTF_8));
    Files.setAttribute(file, "unix:mode", mode);
  }

  private static void directory(Path root, String name, int mode) throws IOException {
    Files.setAttribute(Files.createDirectory(root.resolve(name)), "unix:mode", mode);
  }

  private static void own(Path root, int id, String... names) throws IOException {
    for (String name : names) {
      Files.setAttribute(root.resolve(name), "unix:uid", id);
      Files.setAttribute(root.resolve(name), "unix:gid", id);
    }
  }

  private static void remove(Path root, String... names) throws IOException {
    for (String name : names) {
      Files.delete(root.resolve(name));
    }
  }
}
