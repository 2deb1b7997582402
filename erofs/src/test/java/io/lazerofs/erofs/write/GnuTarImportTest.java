package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.Inode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives of GNU tar and commons-compress are read as they were meant. */
final class GnuTarImportTest {
  private static final Instant TIME = Instant.parse("1965-03-04T05:06:07.123456789Z");

  @TempDir Path directory;
  private Path source;

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectory(directory.resolve("source"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pax", "gnu", "oldgnu", "ustar", "v7"})
  void everyFormatOfGnuTarReadsBack(String format) throws Exception {
    Path sub = Files.createDirectories(source.resolve("a directory/with a longer name"));
    Files.writeString(sub.resolve("file"), "content");
    Files.createLink(sub.resolve("hard"), sub.resolve("file"));
    Files.createSymbolicLink(source.resolve("soft"), Path.of("a directory/with a longer name"));
    Files.setLastModifiedTime(
        sub.resolve("file"), FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
    String prefix = "a directory/with a longer name/";
    byte[] tar = GnuTar.create(source, "--format=" + format);
    try (ImageFiles files = ImageFiles.of(tar, directory)) {
      assertThat(files.text(prefix + "file")).isEqualTo("content");
      assertThat(files.get(prefix + "hard").nid()).isEqualTo(files.get(prefix + "file").nid());
      assertThat(files.target("soft")).isEqualTo("a directory/with a longer name");
      assertThat(files.get(prefix + "file").seconds())
          .isEqualTo(Instant.parse("2001-02-03T04:05:06Z").getEpochSecond());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pax", "gnu"})
  void longNamesLongLinksAndOldTimesReadBack(String format) throws Exception {
    Path deep = source;
    for (int i = 0; i < 6; i++) {
      deep = deep.resolve("é".repeat(100) + i);
    }
    Files.createDirectories(deep);
    Path file = Files.writeString(deep.resolve("n".repeat(255)), "deep");
    Files.createLink(deep.resolve("hard"), file);
    Files.createSymbolicLink(source.resolve("soft"), Path.of("t/".repeat(1000)));
    // Not every file system keeps times before 1970, so tar itself is told the time.
    byte[] tar = GnuTar.create(source, "--format=" + format, "--mtime=" + TIME);
    try (ImageFiles files = ImageFiles.of(tar, directory)) {
      byte[] path = source.relativize(file).toString().getBytes(StandardCharsets.UTF_8);
      Inode inode = files.get(new String(path, StandardCharsets.ISO_8859_1));
      assertThat(inode.links()).isEqualTo(2);
      assertThat(inode.seconds()).isEqualTo(TIME.getEpochSecond());
      assertThat(inode.nanoseconds()).isEqualTo(format.equals("pax") ? TIME.getNano() : 0);
      assertThat(files.target("soft")).hasSize(1999);
    }
  }

  @Test
  void bigNumbersAndLongNamesOfCommonsCompressReadBack() throws IOException {
    for (boolean posix : new boolean[] {false, true}) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
        tar.setBigNumberMode(
            posix ? TarArchiveOutputStream.BIGNUMBER_POSIX : TarArchiveOutputStream.BIGNUMBER_STAR);
        tar.setLongFileMode(
            posix ? TarArchiveOutputStream.LONGFILE_POSIX : TarArchiveOutputStream.LONGFILE_GNU);
        TarArchiveEntry entry = new TarArchiveEntry("x/".repeat(200) + "file");
        entry.setSize(3);
        entry.setUserId(4_000_000_000L);
        entry.setGroupId(3_000_000L);
        entry.setLastModifiedTime(FileTime.from(Instant.ofEpochSecond(20_000_000_000L)));
        tar.putArchiveEntry(entry);
        tar.write("abc".getBytes(StandardCharsets.UTF_8));
        tar.closeArchiveEntry();
      }
      try (ImageFiles files = ImageFiles.of(bytes.toByteArray(), directory)) {
        Inode inode = files.get("x/".repeat(200) + "file");
        assertThat(Integer.toUnsignedLong(inode.uid())).isEqualTo(4_000_000_000L);
        assertThat(inode.gid()).isEqualTo(3_000_000);
        assertThat(inode.seconds()).isEqualTo(20_000_000_000L);
      }
    }
  }
}
