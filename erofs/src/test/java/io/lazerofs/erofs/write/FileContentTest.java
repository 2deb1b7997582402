package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.files.OpenDirectory;
import io.lazerofs.files.OpenFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of a file that stays as it is, and of one that does not. */
final class FileContentTest {
  @TempDir Path directory;

  private final Arena arena = Arena.ofConfined();
  private Path path;
  private OpenFile file;
  private FileContent content;

  @BeforeEach
  void open() throws IOException {
    path = directory.resolve("file");
    Files.write(path, bytes());
    try (OpenDirectory source = OpenDirectory.open(directory)) {
      file = source.file("file".getBytes(StandardCharsets.US_ASCII));
    }
    content = new FileContent(file, arena.allocate(1000));
  }

  @AfterEach
  void close() {
    file.close();
    arena.close();
  }

  private static byte[] bytes() {
    byte[] bytes = new byte[10_000];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void givesEveryByteThoughTheBufferIsSmall() throws IOException {
    assertThat(content.readAllBytes()).isEqualTo(bytes());
    assertThat(content.read()).isEqualTo(-1);
    content.checkUnchanged();
  }

  @Test
  void aFileThatShrinksIsAnError() throws IOException {
    Files.write(path, new byte[5]);
    assertThatThrownBy(content::readAllBytes)
        .isInstanceOf(FileSystemException.class)
        .hasMessage(path + ": it changed while it was read");
  }

  @Test
  void aFileThatGrowsIsAnError() throws IOException {
    FileTime before = Files.getLastModifiedTime(path);
    Files.write(path, new byte[1], StandardOpenOption.APPEND);
    Files.setLastModifiedTime(path, before);
    assertThat(content.readAllBytes()).isEqualTo(bytes());
    assertThatThrownBy(content::checkUnchanged)
        .isInstanceOf(FileSystemException.class)
        .hasMessage(path + ": it changed while it was read");
  }

  @Test
  void aFileThatIsWrittenAgainIsAnError() throws IOException {
    Files.setLastModifiedTime(path, FileTime.fromMillis(12));
    assertThat(content.readAllBytes()).isEqualTo(bytes());
    assertThatThrownBy(content::checkUnchanged).isInstanceOf(FileSystemException.class);
  }
}
