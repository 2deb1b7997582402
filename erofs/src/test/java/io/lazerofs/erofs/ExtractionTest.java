package io.lazerofs.erofs;

import static io.lazerofs.erofs.TinyImage.compact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.erofs.check.CheckSummary;
import io.lazerofs.erofs.check.Fault;
import io.lazerofs.erofs.check.ImageCheck;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.extract.Extraction;
import io.lazerofs.erofs.extract.Shortfall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever an image says, its files come to lie in the directory that was given, or nowhere. */
class ExtractionTest {
  private static final int ROOT = TinyImage.ROOT_BLOCK;
  private static final int FILE = 0100644;
  private static final int DIRECTORY = 040755;
  private static final int SYMLINK = 0120777;

  @TempDir Path temporary;
  private final List<Fault> faults = new ArrayList<>();
  private List<Shortfall> shortfalls = List.of();

  private CheckSummary extract(TinyImage tiny) throws IOException {
    try (Extraction extraction = Extraction.into(target())) {
      CheckSummary summary =
          ImageCheck.check(tiny.source(), List.of(), extraction, faults::add, bytes -> {});
      shortfalls = extraction.shortfalls();
      return summary;
    }
  }

  private Path target() {
    return temporary.resolve("target");
  }

  /** Sets the types of the root's entries, from the first on. */
  private static void types(TinyImage tiny, FileType... types) {
    for (int i = 0; i < types.length; i++) {
      tiny.put((ROOT << 9) + i * 12L + 10, types[i].code());
    }
  }

  @Test
  void aSymbolicLinkIsNeverADirectoryToWriteTo() throws IOException {
    Path outside = Files.createDirectory(temporary.resolve("outside"));
    TinyImage tiny = new TinyImage(20);
    byte[] link = outside.toString().getBytes(StandardCharsets.UTF_8);
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, SYMLINK, link.length, 10));
    System.arraycopy(link, 0, tiny.bytes, 10 * 512, link.length);
    tiny.inode(6, compact(DataLayout.FLAT_PLAIN, DIRECTORY, 512, 11));
    tiny.inode(8, compact(DataLayout.FLAT_PLAIN, FILE, 512, 12));
    // Directories are sorted, so a name twice needs one between that is out of order.
    tiny.directory(ROOT, ".", 0, "..", 0, "d", 4, "c", 8, "d", 6);
    types(
        tiny,
        FileType.DIRECTORY,
        FileType.DIRECTORY,
        FileType.SYMLINK,
        FileType.REGULAR,
        FileType.DIRECTORY);
    tiny.directory(11, ".", 6, "..", 0, "x", 8);
    extract(tiny);
    assertThat(outside).isEmptyDirectory();
    assertThat(target().resolve("d")).isSymbolicLink();
    assertThat(target().resolve("c")).isRegularFile();
    assertThat(faults).extracting(Fault::what).contains("order of names");
    assertThat(shortfalls).extracting(Shortfall::kind).containsExactly(Shortfall.Kind.LEFT_OUT);
    assertThat(shortfalls.getFirst().count()).isEqualTo(2);
  }

  @Test
  void namesThatLeadElsewhereAreLeftOut() throws IOException {
    TinyImage tiny = new TinyImage(20);
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, FILE, 512, 12));
    tiny.directory(ROOT, ".", 0, "..", 0, "../up", 4, "/root", 4, "a/../../b", 4, "good", 4);
    extract(tiny);
    assertThat(temporary.toFile().list()).containsExactly("target");
    assertThat(target().toFile().list()).containsExactly("good");
    assertThat(faults).extracting(Fault::what).contains("character of a name");
  }

  @Test
  void aDirectoryInItselfIsMadeOnce() throws IOException {
    TinyImage tiny = new TinyImage(20);
    tiny.inode(6, compact(DataLayout.FLAT_PLAIN, DIRECTORY, 512, 11));
    tiny.directory(ROOT, ".", 0, "..", 0, "d", 6);
    tiny.directory(11, ".", 6, "..", 0, "again", 6, "root", 0);
    extract(tiny);
    assertThat(target().resolve("d")).isEmptyDirectory();
    assertThat(faults)
        .extracting(Fault::what)
        .containsExactly("directory", "directory", "inode count");
  }

  @Test
  void aFileThatCannotBeDecodedWhollyIsLeftOutWithAllItsNames() throws IOException {
    TinyImage tiny = new TinyImage(20);
    tiny.inode(4, compact(DataLayout.CHUNK_BASED, FILE, 1024, 0));
    LittleEndian.putI32(tiny.memory, tiny.offset(5), 12);
    LittleEndian.putI32(tiny.memory, tiny.offset(5) + 4, 999);
    tiny.directory(ROOT, ".", 0, "..", 0, "a", 4, "b", 4);
    CheckSummary summary = extract(tiny);
    assertThat(target()).isEmptyDirectory();
    assertThat(summary.contentBytes()).isEqualTo(512);
    assertThat(shortfalls.getFirst().count()).isEqualTo(2);
    assertThat(shortfalls.getFirst().first()).isEqualTo("/a: not all of it could be decoded");
  }

  @Test
  void aFileLargerThanFileSystemsTakeIsLeftOut() throws IOException {
    TinyImage tiny = new TinyImage(20);
    tiny.inode(4, TinyImage.extended(DataLayout.FLAT_PLAIN, FILE, 0, Long.MAX_VALUE - 5, -1));
    tiny.directory(ROOT, ".", 0, "..", 0, "a", 4);
    extract(tiny);
    assertThat(Files.exists(target().resolve("a"), LinkOption.NOFOLLOW_LINKS))
        .isEqualTo(shortfalls.isEmpty());
  }

  @Test
  void onlyAnEmptyDirectoryIsTaken() throws IOException {
    Files.createDirectory(target());
    Files.createFile(target().resolve("mine"));
    assertThatExceptionOfType(DirectoryNotEmptyException.class)
        .isThrownBy(() -> Extraction.into(target()));
    Files.delete(target().resolve("mine"));
    extract(new TinyImage(16));
    assertThat(target()).isEmptyDirectory();
  }
}
