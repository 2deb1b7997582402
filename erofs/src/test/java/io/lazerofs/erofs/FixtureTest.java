package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layout that mkfs.erofs writes reads back as the tree that it was given. */
class FixtureTest {
  private static final long BUILD_TIME = 1_700_000_000;

  /** Its owner does not fit a compact inode, so it keeps its own time to the nanosecond. */
  private static final String EXTENDED = "/modes/bigowner";

  /** mkfs.erofs adds it to the parents of whiteouts when it makes an image of a directory only. */
  private static final String ORIGIN = "trusted.overlay.origin";

  @ParameterizedTest
  @MethodSource("io.lazerofs.erofs.Fixture#all")
  void everyFieldOfEveryPathIsAsListed(Fixture fixture) throws IOException {
    assertSame(read(fixture.open(true)), expected(fixture));
  }

  @ParameterizedTest
  @MethodSource("io.lazerofs.erofs.Fixture#all")
  void sourcesWithoutViewsReadTheSame(Fixture fixture) throws IOException {
    assertSame(read(fixture.open(false)), expected(fixture));
  }

  @ParameterizedTest
  @MethodSource("io.lazerofs.erofs.Fixture#all")
  void superblockCountsTheInodes(Fixture fixture) throws IOException {
    ErofsImage image = fixture.open();
    int packed = image.superblock().packedNid() == 0 ? 0 : 1;
    int metabox = image.superblock().metaboxNid() == 0 ? 0 : 1;
    assertThat(Trees.walk(image).values().stream().map(Inode::nid).distinct())
        .hasSize((int) image.superblock().inodes() - packed - metabox);
  }

  @ParameterizedTest
  @MethodSource("io.lazerofs.erofs.Fixture#all")
  void everyListedNameIsFoundWithTheSameInodeAndType(Fixture fixture) throws IOException {
    ErofsImage image = fixture.open();
    for (Inode inode : Trees.walk(image).values()) {
      if (!inode.isDirectory()) {
        continue;
      }
      List<Trees.Entry> entries = Trees.list(image, inode, 0);
      assertThat(entries).extracting(Trees.Entry::name).contains(".", "..");
      for (Trees.Entry entry : entries) {
        assertThat(image.lookup(inode, ListedFile.bytes(entry.name())))
            .hasValueSatisfying(found -> {
              assertThat(found.nid()).isEqualTo(entry.nid());
              assertThat(found.type().dirent()).isEqualTo(entry.type());
            });
        assertThat(image.inode(entry.nid()).mode() >> 12).isEqualTo(entry.type());
      }
    }
  }

  @Test
  void tarIndexWorksWithTheTarBehindTheIndexToo() throws IOException {
    Fixture fixture = Fixture.named("tar-index");
    byte[] index = fixture.imageBytes();
    byte[] tar = fixture.deviceBytes().getFirst();
    byte[] both = new byte[index.length + tar.length];
    System.arraycopy(index, 0, both, 0, index.length);
    System.arraycopy(tar, 0, both, index.length, tar.length);
    ErofsImage image = ErofsImage.open(new ArraySource(both, true), List.of());
    assertSame(read(image), expected(fixture));
  }

  private static void assertSame(Map<String, ListedFile> actual, Map<String, ListedFile> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((path, file) -> assertThat(actual.get(path)).isEqualTo(file));
  }

  private static Map<String, ListedFile> read(ErofsImage image) throws IOException {
    Map<String, ListedFile> files = new TreeMap<>();
    for (var entry : Trees.walk(image).entrySet()) {
      files.put(entry.getKey(), ListedFile.of(image, entry.getKey(), entry.getValue()));
    }
    return files;
  }

  /** The listing, with what an image of this kind cannot keep taken out. */
  private static Map<String, ListedFile> expected(Fixture fixture) throws IOException {
    Map<String, ListedFile> files = new TreeMap<>();
    for (ListedFile file : fixture.files()) {
      if (fixture.name().startsWith("tar-") && file.type() == FileType.SOCKET) {
        continue;
      }
      files.put(file.path(), asKept(fixture, file));
    }
    return files;
  }

  private static ListedFile asKept(Fixture fixture, ListedFile file) {
    if (file.path().equals(EXTENDED)) {
      return file;
    }
    return switch (fixture.name()) {
      case "build-mtime" -> file.withTime(BUILD_TIME, 0);
      case "48bit", "48bit-zstd", "48bit-metabox", "48bit-metabox-zstd" ->
          file.withTime(file.seconds(), 0);
      case "tar-full", "tar-index" -> file.withoutXattr(ORIGIN);
      default -> file;
    };
  }
}
