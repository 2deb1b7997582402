package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.MountException;
import io.lazerofs.fuse.jnr.JnrFuseServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The server on libfuse, by jnr-fuse. */
final class JnrFuseServerIT extends ServerContract<JnrFuseServer> {
  /** The most that libfuse 2 is asked for in one request, bytes. */
  private static final int REQUEST = 128 << 10;

  private static final int DIRECT = NativeFile.O_RDONLY | NativeFile.O_DIRECT;

  @Override
  JnrFuseServer mount(Path mountPoint, FuseOptions options) throws IOException {
    return JnrFuseServer.mount(mountPoint, files, options);
  }

  /** Has nothing to look at: libfuse frees its memory itself. */
  @Override
  void assertNothingHeld() {}

  @Test
  void largeDirectReadsComeInRequestsOf128KiB() throws IOException {
    byte[] content = random(5 << 20, 3);
    files.file(files.root(), "file", new ArraySource(content));
    byte[] got = new byte[content.length];
    try (NativeFile file = NativeFile.open(dir().resolve("file"), DIRECT)) {
      assertThat(file.read(0, content.length, 0, got)).isEqualTo(content.length);
    }
    assertThat(got).isEqualTo(content);
    assertThat(files.reads).hasValue(content.length / REQUEST);
  }

  @Test
  void partsBeforeOneThatFailsAreAShortRead() throws Exception {
    files.file(files.root(), "bad", new FailingSource(new byte[4 << 20], 2 << 20));
    byte[] got = new byte[4 << 20];
    try (NativeFile file = NativeFile.open(dir().resolve("bad"), DIRECT)) {
      assertThat(file.read(0, got.length, 0, got)).isEqualTo(2 << 20);
      assertThat(file.read(2 << 20, 4096, 0, got)).isEqualTo(-NativeFile.EIO);
    }
  }

  @Test
  void refusesAMountPointThatIsNotEmpty() throws IOException {
    Path full = temporary.resolve("full");
    Files.createDirectories(full.resolve("of"));
    assertThatThrownBy(() -> mount(full, FuseOptions.defaults()))
        .isInstanceOf(MountException.class)
        .hasMessageContaining(full.toString());
  }
}
