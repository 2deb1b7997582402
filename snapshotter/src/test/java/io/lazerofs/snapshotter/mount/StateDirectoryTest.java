package io.lazerofs.snapshotter.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.snapshotter.store.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
  @TempDir private Path root;

  @Test
  void onlyItsOwnerCanLookIntoIt() throws IOException {
    StateDirectory.open(root.resolve("new"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("new"))))
        .isEqualTo("rwx------");
  }

  @Test
  void aDirectoryThatWasMadeForItIsClosedToOthers() throws IOException {
    Path open = Files.createDirectory(root.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));

    StateDirectory.open(open);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(open)))
        .isEqualTo("rwx------");
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    StateDirectory.open(open);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(open)))
        .isEqualTo("rwx------");
  }

  @Test
  void aDirectoryWithFilesOfOthersIsNotClosedToThemButRefused() throws IOException {
    Path shared = Files.createDirectory(root.resolve("shared"));
    Files.writeString(shared.resolve("theirs"), "x");
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));

    assertThatThrownBy(() -> StateDirectory.open(shared))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(shared.toString());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shared)))
        .isEqualTo("rwxr-xr-x");
  }

  @Test
  void aPathThatWouldEndAnOptionIsRefusedAlsoBehindALink() throws IOException {
    for (String name : new String[] {"a,b", "a:b", "a\\b", "a\"b", "a\nb"}) {
      Path target = Files.createDirectory(root.resolve(name));
      Path link = Files.createSymbolicLink(root.resolve("link"), target);

      assertThatThrownBy(() -> StateDirectory.open(link)).isInstanceOf(IOException.class);
      assertThat(target).isEmptyDirectory();
      Files.delete(link);
    }
    assertThat(StateDirectory.open(root.resolve("with a space")).files(1).toString())
        .endsWith("with a space/s/1/fs");
  }

  @Test
  void directoriesThatACrashLeftAreRemovedAndTheOthersKept() throws Exception {
    try (TestSnapshotter parts = new TestSnapshotter(root, new FakeLayers())) {
      parts.snapshotter.prepare("kept", Optional.empty(), Map.of());
      Files.createDirectories(root.resolve("s/17/fs/deep"));
      Files.createDirectories(root.resolve("s/something"));

      new Recovery(parts.directory, parts.setAside).reconcile(parts.store);
      parts.snapshotter.cleanup();

      assertThat(root.resolve("s")).isDirectoryNotContaining("glob:**/{17,something,old-*}");
      assertThat(parts.directory.files(1)).exists();
    }
  }

  @Test
  void whatAFailedTransactionLeftIsReplaced() throws IOException {
    StateDirectory directory = StateDirectory.open(root);
    directory.create(1, Kind.ACTIVE, directory.owner());
    Files.writeString(directory.files(1).resolve("left"), "x");

    directory.create(1, Kind.ACTIVE, directory.owner());

    assertThat(directory.files(1)).isEmptyDirectory();
    directory.deleteRetired();
    assertThat(root.resolve("s")).isDirectoryNotContaining("glob:**/old-*");
  }

  @Test
  void whatAContainerPlantedIsCountedAndOwnedAsItIsAndNotFollowed() throws IOException {
    StateDirectory directory = StateDirectory.open(root.resolve("root"));
    Path outside = Files.createDirectory(root.resolve("outside"));
    Files.write(outside.resolve("large"), new byte[1 << 20]);
    directory.create(1, Kind.ACTIVE, directory.owner());
    Path upper = directory.files(1);
    Files.createSymbolicLink(upper.resolve("etc"), outside);
    Files.createSymbolicLink(upper.resolve("up"), Path.of("../../../../outside"));
    Files.createSymbolicLink(upper.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(upper.resolve("memory"), Path.of("/proc/self/mem"));

    var usage = FileTree.usage(upper);
    assertThat(usage.inodes()).isEqualTo(5);
    assertThat(usage.size()).isLessThan(1 << 20);
    assertThat(directory.retireOrphans(id -> false)).containsExactly("1");
    directory.deleteRetired();

    assertThat(root.resolve("root/s")).isEmptyDirectory();
    assertThat(outside.resolve("large")).hasSize(1 << 20);
  }

  @Test
  void aLinkInPlaceOfADirectoryIsItsOwnAndGoesAlone() throws IOException {
    StateDirectory directory = StateDirectory.open(root.resolve("root"));
    Path outside = Files.createDirectory(root.resolve("outside"));
    Files.writeString(outside.resolve("kept"), "x");
    for (String name : new String[] {"7", "old-8", "else"}) {
      Files.createSymbolicLink(root.resolve("root/s").resolve(name), outside);
    }

    assertThat(directory.retireOrphans(id -> false)).containsExactlyInAnyOrder("7", "else");
    directory.deleteRetired();

    assertThat(root.resolve("root/s")).isEmptyDirectory();
    assertThat(outside.resolve("kept")).hasContent("x");
  }

  @Test
  void whatIsDeletedEndsAtSymbolicLinks() throws IOException {
    StateDirectory directory = StateDirectory.open(root);
    Path outside = Files.writeString(root.resolve("outside"), "x");
    directory.create(1, Kind.VIEW, directory.owner());
    Files.createSymbolicLink(directory.files(1).resolve("link"), outside);
    Files.createSymbolicLink(directory.files(1).resolve("up"), Path.of("../../.."));

    directory.delete(directory.retire(1).orElseThrow());

    assertThat(outside).hasContent("x");
  }
}
