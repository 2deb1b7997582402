package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.FileType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What headers say arrives in the image. */
final class TarImporterTest {
  @TempDir Path directory;

  private ImageFiles read(TarBytes tar) throws IOException {
    return ImageFiles.of(tar.end(), directory);
  }

  @Test
  void contentOwnersModeAndTimeOfAFileArrive() throws IOException {
    byte[] header = TarBytes.header("a/file", '0', 04755, "", 5);
    TarBytes.octal(header, 108, 8, 1000);
    TarBytes.octal(header, 116, 8, 100);
    try (ImageFiles files =
        read(new TarBytes().block(header).data("hello".getBytes(StandardCharsets.UTF_8)))) {
      assertThat(files.paths()).containsExactly("a", "a/file");
      assertThat(files.text("a/file")).isEqualTo("hello");
      Inode inode = files.get("a/file");
      assertThat(inode.type()).isEqualTo(FileType.REGULAR);
      assertThat(inode.mode() & 07777).isEqualTo(04755);
      assertThat(inode.uid()).isEqualTo(1000);
      assertThat(inode.gid()).isEqualTo(100);
      assertThat(inode.seconds()).isEqualTo(TarBytes.MTIME);
      assertThat(inode.nanoseconds()).isZero();
      assertThat(inode.links()).isEqualTo(1);
    }
  }

  @Test
  void anImpliedParentIsRootsWithMode0755FromTheStartOf1970() throws IOException {
    try (ImageFiles files = read(new TarBytes().file("a/b", ""))) {
      Inode parent = files.get("a");
      assertThat(parent.mode() & 07777).isEqualTo(0755);
      assertThat(parent.uid()).isZero();
      assertThat(parent.seconds()).isZero();
    }
  }

  @Test
  void anEmptyArchiveMakesAnImageWithAnEmptyRoot() throws IOException {
    try (ImageFiles files = read(new TarBytes())) {
      assertThat(files.paths()).isEmpty();
      assertThat(files.get("").links()).isEqualTo(2);
    }
  }

  @Test
  void theEntryOfTheRootSetsItsAttributes() throws IOException {
    try (ImageFiles files = read(new TarBytes().directory("./", 0700).file("./x", "y"))) {
      assertThat(files.get("").mode() & 07777).isEqualTo(0700);
      assertThat(files.get("").seconds()).isEqualTo(TarBytes.MTIME);
      assertThat(files.text("x")).isEqualTo("y");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "./a/b", "/a/b", "//a//./b", "a/b/."})
  void leadingAndEmptyPartsOfAPathMeanNothing(String path) throws IOException {
    try (ImageFiles files = read(new TarBytes().file(path, "x"))) {
      assertThat(files.text("a/b")).isEqualTo("x");
    }
  }

  @Test
  void namesAreBytesThatNeedNotBeUtf8() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .file("caf\u00e9\u00ff\u0080", "latin")
                .pax("path", "\u00fe\u00ff/\u0001\n=")
                .file("ignored", "pax")
                .symlink("link", "\u00e9\u00fe"))) {
      assertThat(files.text("caf\u00e9\u00ff\u0080")).isEqualTo("latin");
      assertThat(files.text("\u00fe\u00ff/\u0001\n=")).isEqualTo("pax");
      assertThat(files.target("link")).isEqualTo("\u00e9\u00fe");
    }
  }

  @Test
  void namesThatSortBeforeAndBetweenTheDotsAreFound() throws IOException {
    try (ImageFiles files =
        read(new TarBytes().file("!x", "1").file(".!", "2").file("...", "3").file("-", "4"))) {
      assertThat(files.paths()).containsExactly("!x", "-", ".!", "...");
      for (String name : files.paths()) {
        byte[] raw = TarBytes.latin1(name);
        assertThat(files.image().lookup(files.get(""), raw)).isPresent();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1.5, 1, 500000000",
    "0.000000001, 0, 1",
    "-1.5, -2, 500000000",
    "-0.5, -1, 500000000",
    "-3, -3, 0",
    "-1.0000000001, -2, 999999999",
    "1700000000.1234567899, 1700000000, 123456789",
    "9999999999.25, 9999999999, 250000000"
  })
  void paxTimesKeepTheirNanosecondsBeforeAndAfter1970(String text, long seconds, int nanoseconds)
      throws IOException {
    try (ImageFiles files = read(new TarBytes().pax("mtime", text).file("f", "").file("g", ""))) {
      assertThat(files.get("f").seconds()).isEqualTo(seconds);
      assertThat(files.get("f").nanoseconds()).isEqualTo(nanoseconds);
      assertThat(files.get("g").seconds()).isEqualTo(TarBytes.MTIME);
    }
  }

  @Test
  void aTimeThatMostFilesShareIsKeptInCompactInodes() throws IOException {
    TarBytes tar = new TarBytes().directory("./", 0755);
    for (int i = 0; i < 100; i++) {
      tar.pax("mtime", "-7.25").file("f" + i, "");
    }
    try (ImageFiles files = read(tar)) {
      assertThat(files.image().superblock().epoch()).isEqualTo(-8);
      assertThat(files.get("f99").seconds()).isEqualTo(-8);
      assertThat(files.get("f99").nanoseconds()).isEqualTo(750_000_000);
      assertThat(files.get("f99").xattrOffset() - files.get("f98").xattrOffset()).isEqualTo(32);
    }
  }

  @Test
  void base256NumbersAreRead() throws IOException {
    byte[] header = TarBytes.header("f", '0', 0644, "", 0);
    byte[] uid = {(byte) 0x80, 0, 0, 0, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xfe};
    System.arraycopy(uid, 0, header, 108, 8);
    for (int i = 136; i < 148; i++) {
      header[i] = (byte) 0xff;
    }
    header[147] = (byte) 0xfd;
    try (ImageFiles files = read(new TarBytes().block(header))) {
      assertThat(files.get("f").uid()).isEqualTo(0xffff_fffe);
      assertThat(files.get("f").seconds()).isEqualTo(-3);
    }
  }

  @Test
  void globalPaxRecordsHoldUntilTakenBackAndYieldToLocalOnes() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .globalPax("uid", "7", "comment", "none", "mtime", "5.5")
                .file("a", "")
                .pax("uid", "8")
                .file("b", "")
                .globalPax("uid", "")
                .file("c", ""))) {
      assertThat(files.get("a").uid()).isEqualTo(7);
      assertThat(files.get("a").nanoseconds()).isEqualTo(500_000_000);
      assertThat(files.get("b").uid()).isEqualTo(8);
      assertThat(files.get("c").uid()).isZero();
      assertThat(files.get("c").seconds()).isEqualTo(5);
    }
  }

  @Test
  void gnuLongNamesAndLinksAreRead() throws IOException {
    String path = "d/".repeat(100) + "n".repeat(255);
    String target = "t".repeat(3000);
    try (ImageFiles files =
        read(
            new TarBytes()
                .entry("././@LongLink", 'L', 0, "", TarBytes.latin1(path + "\0"))
                .entry("././@LongLink", 'K', 0, "", TarBytes.latin1(target + "\0"))
                .symlink("short", "short"))) {
      assertThat(files.target(path)).isEqualTo(target);
    }
  }

  @Test
  void theUstarPrefixBelongsToThePath() throws IOException {
    byte[] header = TarBytes.header("name", '0', 0644, "", 0);
    TarBytes.text(header, 345, "a/long/prefix");
    try (ImageFiles files = read(new TarBytes().block(header))) {
      assertThat(files.paths()).contains("a/long/prefix/name");
    }
  }

  @Test
  void aV7FileWhoseNameEndsInASlashIsADirectory() throws IOException {
    byte[] header = TarBytes.header("dir/", '\0', 0711, "", 0);
    TarBytes.text(header, 257, "\0\0\0\0\0\0\0\0");
    try (ImageFiles files = read(new TarBytes().block(header))) {
      assertThat(files.get("dir").mode()).isEqualTo(040711);
    }
  }

  @Test
  void devicesAndPipesArrive() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .device("null", '3', 1, 3)
                .device("disk", '4', 259, 70_000)
                .device("pipe", '6', 0, 0))) {
      assertThat(files.get("null").type()).isEqualTo(FileType.CHARACTER_DEVICE);
      assertThat(files.get("null").rdev()).isEqualTo(0x103);
      assertThat(files.get("disk").type()).isEqualTo(FileType.BLOCK_DEVICE);
      assertThat(files.get("disk").rdev())
          .isEqualTo((70_000 & 0xff) | (259 << 8) | ((70_000 & ~0xff) << 12));
      assertThat(files.get("pipe").type()).isEqualTo(FileType.FIFO);
    }
  }

  @Test
  void extendedAttributesKeepEveryByte() throws IOException {
    String capability = "\u0001\0\0\u0002\u0080\u00ff\n=\0\0\0\0\0\0\0\0\0\0\0\0";
    String big = "v".repeat(40_000);
    try (ImageFiles files =
        read(
            new TarBytes()
                .pax(
                    "SCHILY.xattr.security.capability",
                    capability,
                    "SCHILY.xattr.user.empty=name",
                    "v",
                    "SCHILY.xattr.user.big",
                    big,
                    "SCHILY.xattr.system.posix_acl_access",
                    "\u0002\0\0\0",
                    "LIBARCHIVE.xattr.user.%25enc%20oded",
                    "gP8A",
                    "LIBARCHIVE.xattr.security.capability",
                    "AAAA")
                .file("f", "content"))) {
      assertThat(files.text("f")).isEqualTo("content");
      assertThat(files.xattrs("f"))
          .containsEntry("security.capability", capability)
          .containsEntry("user.big", big)
          .containsEntry("system.posix_acl_access", "\u0002\0\0\0")
          .containsEntry("user.%enc oded", "\u0080\u00ff\0")
          .hasSize(5);
    }
  }

  @Test
  void emptyExtendedAttributesAreKeptAsGnuTarKeepsThem() throws IOException {
    try (ImageFiles files =
        read(
            new TarBytes()
                .pax("SCHILY.xattr.trusted.overlay.metacopy", "", "LIBARCHIVE.xattr.user.a", "")
                .file("f", ""))) {
      assertThat(files.xattrs("f")).isEqualTo(Map.of("trusted.overlay.metacopy", "", "user.a", ""));
    }
  }

  @Test
  void extendedAttributesOfNamespacesThatLinuxHasNotAreCountedAndLeftOut() throws IOException {
    byte[] tar =
        new TarBytes()
            .pax("SCHILY.xattr.com.apple.provenance", "x", "SCHILY.xattr.user.a", "y")
            .file("f", "")
            .end();
    Path output = directory.resolve("image.erofs");
    ImportSummary summary = TarImporter.importTar(new ByteArrayInputStream(tar), output);
    assertThat(summary.droppedXattrs()).isEqualTo(1);
    try (ImageFiles files = ImageFiles.open(output)) {
      assertThat(files.xattrs("f")).isEqualTo(Map.of("user.a", "y"));
    }
  }

  @Test
  void everyFileSizeAroundABlockReadsBackFromWholeBlocks() throws IOException {
    TarBytes tar = new TarBytes();
    int[] sizes = {0, 1, 511, 512, 513, 4095, 4096, 4097, 8192, 12_289, 2_000_000};
    for (int size : sizes) {
      tar.file("f" + size, pattern(size));
    }
    try (ImageFiles files = read(tar)) {
      for (int size : sizes) {
        assertThat(files.text("f" + size)).isEqualTo(pattern(size));
        assertThat(files.get("f" + size).layout()).isEqualTo(DataLayout.FLAT_PLAIN);
      }
      assertThat(Files.size(directory.resolve("image.erofs")) % 4096).isZero();
      assertThat(files.image().blocks() * 4096)
          .isEqualTo(Files.size(directory.resolve("image.erofs")));
    }
  }

  @Test
  void symlinksOfEveryLengthReadBack() throws IOException {
    TarBytes tar = new TarBytes();
    int[] lengths = {1, 100, 1900, 1984, 1985, 2048, 4095};
    for (int length : lengths) {
      tar.pax("linkpath", "t".repeat(length)).symlink("l" + length, "");
    }
    try (ImageFiles files = read(tar)) {
      for (int length : lengths) {
        assertThat(files.target("l" + length)).hasSize(length);
      }
    }
  }

  @Test
  void directoriesOfEverySizeListAllTheirNames() throws IOException {
    TarBytes tar = new TarBytes();
    int[] counts = {1, 10, 50, 100, 150, 151, 152, 153, 300, 5000};
    for (int count : counts) {
      for (int i = 0; i < count; i++) {
        tar.file("d" + count + "/name-of-length-" + (1000 + i), "");
      }
    }
    try (ImageFiles files = read(tar)) {
      assertThat(files.paths()).hasSize(counts.length + IntStream.of(counts).sum());
      String last = "name-of-length-5999";
      assertThat(files.image().lookup(files.get("d5000"), TarBytes.latin1(last))).isPresent();
      assertThat(files.get("d5000").layout()).isIn(DataLayout.FLAT_PLAIN, DataLayout.FLAT_INLINE);
    }
  }

  @Test
  void aDirectoryCountsItsSubdirectoriesAsLinks() throws IOException {
    TarBytes tar = new TarBytes();
    IntStream.range(0, 70_000).forEach(i -> tar.directory("d/" + i, 0755));
    try (ImageFiles files = read(tar)) {
      assertThat(files.get("d").links()).isEqualTo(70_002);
      assertThat(files.get("").links()).isEqualTo(3);
    }
  }

  @Test
  void theSummaryCountsEntriesAndBytes() throws IOException {
    byte[] tar = new TarBytes().directory("d", 0755).file("d/f", "12345").file("g", "67").end();
    Path output = directory.resolve("image.erofs");
    ImportSummary summary = TarImporter.importTar(new ByteArrayInputStream(tar), output);
    assertThat(summary).isEqualTo(new ImportSummary(3, 7, Files.size(output), 0));
  }

  private static String pattern(int size) {
    StringBuilder text = new StringBuilder(size);
    for (int i = 0; i < size; i++) {
      text.append((char) ((i * 31 + i / 251) & 0xff));
    }
    return text.toString();
  }
}
