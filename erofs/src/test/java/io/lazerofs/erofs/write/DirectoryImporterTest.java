package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.files.NewFile;
import io.lazerofs.files.OpenDirectory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories as images, in what needs no root; the kernel's view is in an integration test. */
final class DirectoryImporterTest {
  private static final int SOCKET = 0xc000;
  private static final int FIFO = 0x1000;
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path directory;

  private Path source;
  private Path image;

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectory(directory.resolve("source"));
    image = directory.resolve("image.erofs");
  }

  private ImageFiles read() throws IOException {
    DirectoryImporter.importDirectory(source, image);
    return ImageFiles.open(image);
  }

  private static byte[] name(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void keepsEveryTypeAndNamesOfAnyBytes() throws IOException {
    try (OpenDirectory root = OpenDirectory.open(source)) {
      root.makeNode(name("socket"), SOCKET | 0640, 0, 0);
      root.makeNode(name("pipe"), FIFO | 0600, 0, 0);
      root.makeSymlink(name("link"), name("\u00ff/nowhere"));
      root.makeDirectory(name("\u0080\n"), 0700);
      try (OpenDirectory inner = root.directory(name("\u0080\n"))) {
        inner.makeFile(name(".wh.kept"), 0400).close();
      }
      root.setModified(name("pipe"), -5, 123_456_789);
      root.setPermissions(name("."), 01751);
    }
    try (ImageFiles files = read()) {
      assertThat(files.paths())
          .containsExactly("link", "pipe", "socket", "\u0080\n", "\u0080\n/.wh.kept");
      assertThat(files.get("socket").mode()).isEqualTo(SOCKET | 0640);
      assertThat(files.get("pipe").type()).isEqualTo(FileType.FIFO);
      assertThat(files.get("pipe").seconds()).isEqualTo(-5);
      assertThat(files.get("pipe").nanoseconds()).isEqualTo(123_456_789);
      assertThat(files.target("link")).isEqualTo("\u00ff/nowhere");
      assertThat(files.get("").mode() & 07777).isEqualTo(01751);
      assertThat(files.get("\u0080\n/.wh.kept").mode() & 07777).isEqualTo(0400);
    }
  }

  @Test
  void namesOfOneFileShareAnInode() throws IOException {
    Files.createDirectory(source.resolve("d"));
    Files.writeString(source.resolve("d/first"), "content");
    Files.createLink(source.resolve("second"), source.resolve("d/first"));
    Files.createLink(directory.resolve("outside"), source.resolve("second"));
    try (OpenDirectory root = OpenDirectory.open(source)) {
      root.makeSymlink(name("symlink"), name("x"));
      root.makeLink(name("symlink-again"), root, name("symlink"));
    }
    try (ImageFiles files = read()) {
      assertThat(files.text("second")).isEqualTo("content");
      assertThat(files.get("second").nid()).isEqualTo(files.get("d/first").nid());
      assertThat(files.get("second").links()).isEqualTo(2);
      assertThat(files.get("symlink").nid()).isEqualTo(files.get("symlink-again").nid());
    }
  }

  @Test
  void holesStayHoles() throws IOException {
    try (OpenDirectory root = OpenDirectory.open(source);
        Arena arena = Arena.ofConfined();
        NewFile file = root.makeFile(name("sparse"), 0600);
        NewFile hole = root.makeFile(name("hole"), 0600)) {
      MemorySegment data = arena.allocate(1 << 16);
      data.fill((byte) 'x');
      file.write(64L * MEBIBYTE, data);
      file.setSize(128L * MEBIBYTE + 1);
      hole.setSize(MEBIBYTE);
    }
    assertThat(DirectoryImporter.importDirectory(source, image).contentBytes()).isEqualTo(1 << 16);
    assertThat(image).satisfies(file -> assertThat(Files.size(file)).isLessThan(MEBIBYTE));
    try (ImageFiles files = ImageFiles.open(image)) {
      Inode sparse = files.get("sparse");
      assertThat(sparse.size()).isEqualTo(128L * MEBIBYTE + 1);
      assertThat(files.image().extent(sparse, 0)).isInstanceOf(Extent.Hole.class);
      MemorySegment byteThere = MemorySegment.ofArray(new byte[1]);
      files.image().read(sparse, 64L * MEBIBYTE, byteThere);
      assertThat(byteThere.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'x');
      assertThat(files.bytes("hole")).containsOnly(0).hasSize(MEBIBYTE);
    }
  }

  @Test
  void filesOfADirectoryLieTogetherInTheOrderOfTheirNames() throws IOException {
    for (String path : new String[] {"b/z", "z", "b/a/x", "a", "b/b", "c/y"}) {
      Files.createDirectories(source.resolve(path).getParent());
      Files.writeString(source.resolve(path), path);
    }
    try (ImageFiles files = read()) {
      assertThat(
              files.paths().stream()
                  .filter(path -> !files.get(path).isDirectory())
                  .sorted((a, b) -> Long.compare(files.get(a).block(), files.get(b).block())))
          .containsExactly("a", "z", "b/b", "b/z", "b/a/x", "c/y");
    }
  }

  @Test
  void theSameTreeGivesTheSameBytes() throws IOException {
    Files.writeString(source.resolve("a"), "content");
    Files.createDirectories(source.resolve("d/e"));
    DirectoryImporter.importDirectory(source, image);
    byte[] first = Files.readAllBytes(image);
    DirectoryImporter.importDirectory(source, image);
    assertThat(image).hasBinaryContent(first);
  }

  @Test
  void refusesAnImageInsideOfItsSource() throws IOException {
    Path inside = Files.createDirectory(source.resolve("d")).resolve("image");
    assertThatThrownBy(() -> DirectoryImporter.importDirectory(source, inside))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("d/image: an image cannot lie in the directory");
    assertThat(source.resolve("d")).isEmptyDirectory();
  }

  @Test
  void filesWithMoreBytesThanTheirSizeAreErrorsThatNameThem() {
    // Files of procfs have a size of 0 and content all the same.
    Path proc = Path.of("/proc/sys/kernel/random");
    assertThatThrownBy(() -> DirectoryImporter.importDirectory(proc, image))
        .isInstanceOf(FileSystemException.class)
        .hasMessage("/proc/sys/kernel/random/boot_id: it has more bytes than its size says");
    assertThat(directory).isDirectoryNotContaining("glob:**image*");
  }
}
