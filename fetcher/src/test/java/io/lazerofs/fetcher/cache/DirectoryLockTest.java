package io.lazerofs.fetcher.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
  @TempDir Path path;

  /** What another process does: takes the lock given, and tells how that went. */
  static final class Other {
    private Other() {}

    public static void main(String[] args) throws IOException {
      try (DirectoryLock lock = DirectoryLock.acquire(directory(Path.of(args[0])))) {
        System.out.print("acquired " + (lock != null));
      } catch (DirectoryInUseException e) {
        System.out.print(e.getMessage());
      }
    }
  }

  @Test
  void keepsASecondCacheOfThisProcessAndAnotherProcessOut() throws Exception {
    String refusal =
        "cache directory " + path + " is in use by process " + ProcessHandle.current().pid();
    try (DirectoryLock lock = DirectoryLock.acquire(directory(path))) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> DirectoryLock.acquire(directory(path)))
          .isInstanceOf(DirectoryInUseException.class)
          .hasMessage(refusal);
      // After the refusal above: it must not have cost this process its lock.
      assertThat(otherProcess()).isEqualTo(refusal);
    }
    assertThat(otherProcess()).isEqualTo("acquired true");
  }

  @Test
  void takesADirectoryWhoseOwnerDied() throws Exception {
    Files.writeString(path.resolve("owner"), "1 1\n");
    try (DirectoryLock lock = DirectoryLock.acquire(directory(path))) {
      assertThat(lock).isNotNull();
    }
    Files.write(path.resolve("owner"), new byte[] {-1, -2, 0});
    try (DirectoryLock lock = DirectoryLock.acquire(directory(path))) {
      assertThat(lock).isNotNull();
    }
  }

  private String otherProcess() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    return output;
  }

  private static CacheDirectory directory(Path path) {
    return new CacheDirectory(path, FileChannel::open);
  }
}
