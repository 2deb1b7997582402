package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.tar.TarException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How the entries of a layer act on each other and on lower layers, and what is refused. */
final class LayerRulesTest {
  private static final Map<String, String> HOLDS_WHITEOUT = Map.of("trusted.overlay.origin", "");
  private static final Map<String, String> OPAQUE = Map.of("trusted.overlay.opaque", "y");

  @TempDir Path directory;

  private ImageFiles read(TarBytes tar) throws IOException {
    return ImageFiles.of(tar.end(), directory);
  }

  @Test
  void hardLinksShareOneInode() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .file("a", "x")
                .hardLink("d/b", "a")
                .hardLink("c", "./d/b")
                .symlink("s", "a")
                .hardLink("t", "/s"))) {
      assertThat(files.get("d/b").nid()).isEqualTo(files.get("a").nid());
      assertThat(files.get("c").nid()).isEqualTo(files.get("a").nid());
      assertThat(files.get("a").links()).isEqualTo(3);
      assertThat(files.get("t").nid()).isEqualTo(files.get("s").nid());
      assertThat(files.get("t").links()).isEqualTo(2);
      assertThat(files.image().superblock().inodes()).isEqualTo(4);
    }
  }

  @Test
  void aHardLinkKeepsTheFileThatALaterEntryReplaces() throws IOException {
    try (ImageFiles files =
        read(new TarBytes().file("a", "old").hardLink("b", "a").file("a", "new"))) {
      assertThat(files.text("a")).isEqualTo("new");
      assertThat(files.text("b")).isEqualTo("old");
      assertThat(files.get("a").links()).isEqualTo(1);
      assertThat(files.get("b").links()).isEqualTo(1);
    }
  }

  @Test
  void aHardLinkOutOfAReplacedDirectoryLosesALink() throws IOException {
    try (ImageFiles files =
        read(new TarBytes().file("d/e/a", "x").hardLink("b", "d/e/a").file("d", "now a file"))) {
      assertThat(files.paths()).containsExactly("b", "d");
      assertThat(files.get("b").links()).isEqualTo(1);
      assertThat(files.get("").links()).isEqualTo(2);
    }
  }

  @Test
  void aHardLinkToItselfChangesNothing() throws IOException {
    try (ImageFiles files = read(new TarBytes().file("a", "x").hardLink("a", "a"))) {
      assertThat(files.text("a")).isEqualTo("x");
      assertThat(files.get("a").links()).isEqualTo(1);
    }
  }

  @Test
  void laterEntriesReplaceEarlierOnesOfAnotherType() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .file("f", "file")
                .directory("f", 0700)
                .file("f/child", "")
                .file("d/child", "")
                .file("d", "file")
                .symlink("s", "t")
                .file("s", "file"))) {
      assertThat(files.paths()).containsExactly("d", "f", "f/child", "s");
      assertThat(files.get("f").type()).isEqualTo(FileType.DIRECTORY);
      assertThat(files.text("d")).isEqualTo("file");
      assertThat(files.text("s")).isEqualTo("file");
    }
  }

  @Test
  void aRepeatedDirectoryKeepsItsChildrenAndTakesTheLaterAttributes() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .directory("d", 0700)
                .file("d/a", "")
                .directory("d/", 0711)
                .file("e/b", "")
                .directory("e", 0722))) {
      assertThat(files.get("d").mode() & 07777).isEqualTo(0711);
      assertThat(files.get("e").mode() & 07777).isEqualTo(0722);
      assertThat(files.paths()).containsExactly("d", "d/a", "e", "e/b");
    }
  }

  @Test
  void whiteoutsBecomeDevicesAndMarkTheirDirectory() throws IOException {
    try (ImageFiles files =
        read(new TarBytes().file("d/.wh.gone", "").file(".wh.top", "").file("e/x", ""))) {
      assertThat(files.paths()).containsExactly("d", "d/gone", "e", "e/x", "top");
      Inode whiteout = files.get("d/gone");
      assertThat(whiteout.type()).isEqualTo(FileType.CHARACTER_DEVICE);
      assertThat(whiteout.rdev()).isZero();
      assertThat(files.xattrs("d")).isEqualTo(HOLDS_WHITEOUT);
      assertThat(files.xattrs("")).isEqualTo(HOLDS_WHITEOUT);
      assertThat(files.xattrs("e")).isEmpty();
    }
  }

  @Test
  void anOpaqueWhiteoutMarksItsDirectoryAlsoWhenThatIsNamedLater() throws IOException {
    try (ImageFiles files =
        read(new TarBytes().file("d/.wh..wh..opq", "").directory("d", 0700).file("d/x", ""))) {
      assertThat(files.paths()).containsExactly("d", "d/x");
      assertThat(files.xattrs("d")).isEqualTo(OPAQUE);
      assertThat(files.get("d").mode() & 07777).isEqualTo(0700);
    }
  }

  @Test
  void aWhiteoutNeverHidesWhatItsOwnLayerHas() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .file("before", "x")
                .file(".wh.before", "")
                .file(".wh.after", "")
                .file("after", "y")
                .file("dir/x", "")
                .file(".wh.dir", "")
                .file(".wh.later", "")
                .file("later/x", ""))) {
      assertThat(files.text("before")).isEqualTo("x");
      assertThat(files.text("after")).isEqualTo("y");
      assertThat(files.xattrs("dir")).isEqualTo(OPAQUE);
      assertThat(files.xattrs("later")).isEqualTo(OPAQUE);
      assertThat(files.xattrs("")).isEmpty();
    }
  }

  @Test
  void privateNamesOfAufsAreLeftOut() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .directory(".wh..wh.plnk", 0700)
                .file(".wh..wh.plnk/12.34", "x")
                .file(".wh..wh.aufs", "")
                .file("a", ""))) {
      assertThat(files.paths()).containsExactly("a");
    }
  }

  @Test
  void aSymlinkInTheWayIsFollowedInsideTheRoot() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .symlink("lib", "usr/lib")
                .file("lib/a", "1")
                .symlink("out", "../../../../etc")
                .file("out/passwd", "2")
                .symlink("usr/lib/up", "..")
                .file("lib/up/b", "3")
                .symlink("absolute", "/usr/./lib//")
                .file("absolute/c", "4")
                .hardLink("linked", "lib/a"))) {
      assertThat(files.text("usr/lib/a")).isEqualTo("1");
      assertThat(files.text("etc/passwd")).isEqualTo("2");
      assertThat(files.text("usr/b")).isEqualTo("3");
      assertThat(files.text("usr/lib/c")).isEqualTo("4");
      assertThat(files.text("linked")).isEqualTo("1");
      assertThat(files.get("lib").type()).isEqualTo(FileType.SYMLINK);
    }
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("leave the root", "../etc/passwd", new TarBytes().file("../etc/passwd", "x")),
        Arguments.of("leave the root", "a/../../b", new TarBytes().file("a/../../b", "x")),
        Arguments.of("leave the root", "a/..", new TarBytes().directory("a/..", 0755)),
        Arguments.of("leave the root", "h", new TarBytes().hardLink("h", "../../etc/shadow")),
        Arguments.of("not in the archive", "h", new TarBytes().hardLink("h", "/etc/shadow")),
        Arguments.of(
            "hard link to a directory", "h", new TarBytes().directory("d", 0).hardLink("h", "d")),
        Arguments.of("256 bytes", "n".repeat(256), named("n".repeat(256))),
        Arguments.of("too long", "n/".repeat(2048), named("n/".repeat(2048))),
        Arguments.of("NUL", "a\0b", named("a\0b")),
        Arguments.of("only be a directory", "./", new TarBytes().symlink("./", "x")),
        Arguments.of("f is no directory", "f/x", new TarBytes().file("f", "").file("f/x", "")),
        Arguments.of("too many symlinks", "l/x", new TarBytes().symlink("l", "l").file("l/x", "")),
        Arguments.of("names no file", "d/.wh.", new TarBytes().file("d/.wh.", "")),
        Arguments.of("names no file", "d/.wh...", new TarBytes().file("d/.wh...", "")),
        Arguments.of("target of the symlink", "s", new TarBytes().symlink("s", "")),
        Arguments.of("device number", "d", new TarBytes().device("d", '4', 4096, 0)),
        Arguments.of("volume label", "v", new TarBytes().entry("v", 'V', 0, "", new byte[0])),
        Arguments.of("unknown", "q", new TarBytes().entry("q", 'Q', 0, "", new byte[0])),
        Arguments.of(
            "65536 bytes",
            "f",
            new TarBytes().pax("SCHILY.xattr.user.x", "v".repeat(65_536)).file("f", "")),
        Arguments.of(
            "name of an extended attribute",
            "f",
            new TarBytes().pax("SCHILY.xattr.user." + "n".repeat(256), "v").file("f", "")),
        Arguments.of("uid", "f", new TarBytes().pax("uid", "4294967296").file("f", "")),
        Arguments.of("no time", "f", new TarBytes().pax("mtime", "1e9").file("f", "")),
        Arguments.of("negative", "f", new TarBytes().pax("size", "-1").file("f", "")));
  }

  private static TarBytes named(String path) {
    return new TarBytes().pax("path", path).file("x", "");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("refused")
  void whatCannotBeDoneIsRefusedByNameAndLeavesNothing(String reason, String entry, TarBytes tar) {
    byte[] archive = new TarBytes().file("first", "x").data(tar.unfinished()).end();
    Path output = directory.resolve("image.erofs");
    assertThatThrownBy(() -> TarImporter.importTar(new ByteArrayInputStream(archive), output))
        .isInstanceOfSatisfying(
            TarException.class,
            e -> {
              assertThat(e).hasMessageContaining(reason);
              assertThat(e.entry()).isEqualTo(entry);
              assertThat(e.offset()).isGreaterThanOrEqualTo(1024);
              assertThat(e.toString().chars()).noneMatch(Character::isISOControl);
            });
    assertThat(directory).isEmptyDirectory();
  }
}
