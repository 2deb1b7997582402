package io.lazerofs.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.sys.SystemCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs no root: names, types, links, content, times and failures. */
final class OpenDirectoryTest {
  private static final int ENOENT = 2;
  private static final int EEXIST = 17;
  private static final int ENOTDIR = 20;
  private static final int ELOOP = 40;
  private static final int FIFO = 0x1000;
  private static final int SOCKET = 0xc000;
  private static final byte[] SELF = name(".");

  @TempDir Path root;

  private OpenDirectory directory;

  @BeforeEach
  void open() throws IOException {
    directory = OpenDirectory.open(root);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  private static byte[] name(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void namesAreAnyBytesInTheirUnsignedOrder() throws IOException {
    List<byte[]> names =
        List.of(name("\u0001\n"), name(" "), name(".hidden"), name("a"), name("\u00ff\u00fe"));
    for (byte[] name : names.reversed()) {
      directory.makeDirectory(name, 0700);
    }
    for (int repetition = 0; repetition < 2; repetition++) {
      assertThat(directory.names()).containsExactlyElementsOf(names);
    }
    try (OpenDirectory inner = directory.directory(names.getLast())) {
      inner.makeFile(name("file"), 0600).close();
      assertThat(inner.names()).containsExactly(name("file"));
    }
  }

  @Test
  void listsDirectoriesThatTakeMoreThanOneCall() throws IOException {
    for (int i = 0; i < 3000; i++) {
      directory.makeNode(name("%04d-%s".formatted(i, "n".repeat(20))), FIFO | 0600, 0, 0);
    }
    List<byte[]> names = directory.names();
    assertThat(names).hasSize(3000);
    assertThat(new String(names.getLast(), StandardCharsets.US_ASCII)).startsWith("2999-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "a/b", "/", "a/", "a\0b"})
  void refusesNamesThatCouldLeadElsewhere(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> directory.status(name(name)));
    assertThatIllegalArgumentException().isThrownBy(() -> directory.directory(name(name)));
    assertThatIllegalArgumentException().isThrownBy(() -> directory.makeFile(name(name), 0600));
    assertThatIllegalArgumentException().isThrownBy(() -> directory.xattrNames(name(name)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> directory.makeLink(name("x"), directory, name(name)));
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void followsNoSymbolicLink() throws IOException {
    Files.createDirectory(root.resolve("real"));
    Files.writeString(root.resolve("text"), "text");
    directory.makeSymlink(name("to-directory"), name("real"));
    directory.makeSymlink(name("to-file"), name("text"));
    assertThat(directory.readLink(name("to-file"))).isEqualTo(name("text"));
    assertThat(directory.status(name("to-directory")).isDirectory()).isFalse();
    // O_DIRECTORY and O_NOFOLLOW together: Linux says ENOTDIR.
    assertThatThrownBy(() -> directory.directory(name("to-directory")))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isIn(ENOTDIR, ELOOP));
    assertFails(ELOOP, () -> directory.file(name("to-file")).close());
    assertFails(EEXIST, () -> directory.makeFile(name("to-file"), 0600).close());
    directory.setModified(name("to-file"), 5, 6);
    assertThat(directory.status(name("to-file")).seconds()).isEqualTo(5);
    assertThat(directory.status(name("text")).seconds()).isGreaterThan(5);
  }

  @Test
  void tellsTypesPermissionsLinksAndTimes() throws IOException {
    directory.makeNode(name("pipe"), FIFO | 0600, 0, 0);
    directory.makeNode(name("socket"), SOCKET | 0600, 0, 0);
    directory.makeLink(name("second"), directory, name("pipe"));
    directory.setPermissions(name("pipe"), 06751);
    directory.setModified(name("pipe"), -12, 999_999_999);
    FileStatus pipe = directory.status(name("second"));
    assertThat(pipe.mode()).isEqualTo(FIFO | 06751);
    assertThat(pipe.permissions()).isEqualTo(06751);
    assertThat(pipe.links()).isEqualTo(2);
    assertThat(pipe.seconds()).isEqualTo(-12);
    assertThat(pipe.nanoseconds()).isEqualTo(999_999_999);
    assertThat(directory.status(name("socket")).mode() & 0xf000).isEqualTo(SOCKET);
    FileStatus self = directory.status(SELF);
    assertThat(self.isDirectory()).isTrue();
    assertThat(self.fileSystem()).isEqualTo(pipe.fileSystem());
    assertThat(self.inode()).isEqualTo(Files.getAttribute(root, "unix:ino"));
    assertThat(FileStatus.of(root)).isEqualTo(self);
  }

  @Test
  void opensNothingButRegularFilesAndNeverWaits() throws IOException {
    directory.makeNode(name("pipe"), FIFO | 0600, 0, 0);
    assertThatThrownBy(() -> directory.file(name("pipe")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(root + "/pipe: not a regular file");
  }

  @Test
  void whatIsNotWrittenIsAHole() throws IOException {
    long mebibyte = 1 << 20;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, new byte[1 << 16]);
      data.fill((byte) 7);
      try (NewFile file = directory.makeFile(name("sparse"), 0600)) {
        file.write(mebibyte, data);
        file.setSize(3 * mebibyte);
      }
      try (OpenFile file = directory.file(name("sparse"))) {
        assertThat(file.status().size()).isEqualTo(3 * mebibyte);
        assertThat(file.status().allocatedBytes()).isLessThan(mebibyte);
        assertThat(file.nextData(0)).hasValue(mebibyte);
        assertThat(file.nextHole(mebibyte)).isEqualTo(mebibyte + data.byteSize());
        assertThat(file.nextData(mebibyte + data.byteSize())).isEmpty();
        MemorySegment read = arena.allocate(data.byteSize());
        assertThat(file.read(mebibyte, read)).isEqualTo(read.byteSize());
        assertThat(read.mismatch(data)).isEqualTo(-1);
        assertThat(file.read(3 * mebibyte, read)).isZero();
      }
    }
  }

  @Test
  void failuresNameTheCallTheFileAndTheErrno() throws IOException {
    assertThatThrownBy(() -> directory.status(name("mis\nsing")))
        .isInstanceOf(SystemCallException.class)
        .hasMessage(
            "statx " + root + "/mis\\x0asing: No such file or directory (errno " + ENOENT + ")");
    directory.makeDirectory(name("d"), 0700);
    assertFails(EEXIST, () -> directory.makeDirectory(name("d"), 0700));
    assertFails(EEXIST, () -> directory.makeSymlink(name("d"), name("x")));
    assertFails(ENOENT, () -> directory.makeLink(name("l"), directory, name("missing")));
    assertFails(ENOENT, () -> OpenDirectory.open(root.resolve("missing")).close());
  }

  @Test
  void pathsOpenByTheirBytes() throws IOException {
    String hex = HexFormat.of().formatHex("ä b%".getBytes(StandardCharsets.UTF_8));
    directory.makeDirectory(HexFormat.of().parseHex(hex), 0700);
    try (var children = Files.list(root);
        OpenDirectory inner = OpenDirectory.open(children.findFirst().orElseThrow())) {
      assertThat(inner.names()).isEmpty();
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  private static void assertFails(int errno, Action action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }
}
