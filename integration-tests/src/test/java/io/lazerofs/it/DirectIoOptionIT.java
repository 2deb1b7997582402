package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.cache.BlobCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code lazerofs mount --direct-io} changes for a program that opens files with O_DIRECT. */
class DirectIoOptionIT {
  private static final String LAZEROFS =
      Path.of("..", "bin", "lazerofs").toAbsolutePath().normalize().toString();
  private static final int SIZE = 200_000;

  @TempDir private Path directory;
  private final byte[] content = new byte[SIZE];
  private boolean mounted;

  @BeforeEach
  void makeImage() throws Exception {
    new Random(11).nextBytes(content);
    Path tree = Files.createDirectories(directory.resolve("tree"));
    Files.createDirectory(directory.resolve("mnt"));
    Files.write(tree.resolve("data"), content);
    image("inner.erofs");
    Files.move(directory.resolve("inner.erofs"), tree.resolve("inner.erofs"));
    image("image.erofs");
  }

  private void image(String name) throws Exception {
    Command.run(directory, "tar", "-cf", "tree.tar", "-C", "tree", ".");
    Command.run(directory, LAZEROFS, "mkfs", name, "tree.tar");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      Command.run(directory, LAZEROFS, "umount", "--root", "root", "mnt");
    }
  }

  private void mount(String... settings) throws Exception {
    List<String> command = new ArrayList<>(List.of(LAZEROFS, "mount", "--root", "root"));
    for (String setting : settings) {
      command.addAll(List.of("--direct-io", setting));
    }
    command.addAll(List.of("image.erofs", "mnt"));
    Command.run(directory, command.toArray(String[]::new));
    mounted = true;
  }

  /** Reads with O_DIRECT and compares the bytes; returns what the system call did. */
  private long read(long offset, int length) {
    byte[] bytes = new byte[length];
    Path file = directory.resolve("mnt/data");
    try (NativeFile open = NativeFile.open(file, NativeFile.O_RDONLY | NativeFile.O_DIRECT)) {
      assertThat(open.result()).isNotNegative();
      long result = open.read(offset, length, 0, bytes);
      if (result > 0) {
        assertThat(Arrays.copyOf(bytes, (int) result))
            .isEqualTo(Arrays.copyOfRange(content, (int) offset, (int) (offset + result)));
      }
      return result;
    }
  }

  @Test
  void bySectorsByDefault() throws Exception {
    mount();
    assertThat(read(512, 512)).isEqualTo(512);
    assertThat(read(512, 100)).isEqualTo(-NativeFile.EINVAL);
    assertThat(read(4096, 65536)).isEqualTo(65536);
  }

  @Test
  void S1_2_strictTakesWholeBlocksOnly() throws Exception {
    mount("alignment=strict");
    assertThat(read(512, 512)).isEqualTo(-NativeFile.EINVAL);
    assertThat(read(0, 512)).isEqualTo(-NativeFile.EINVAL);
    assertThat(read(4096, 8192)).isEqualTo(8192);
    assertThat(read(SIZE & -4096, 4096)).isEqualTo(SIZE % 4096);
  }

  @Test
  void noneTakesAnything() throws Exception {
    mount("alignment=none");
    assertThat(read(1, 100)).isEqualTo(100);
    assertThat(read(4095, 70_001)).isEqualTo(70_001);
  }

  @Test
  void S0_3_theDeviceGivesTheRightBytesOfAnyRange() throws Exception {
    mount("backing=device", "alignment=none", "compressed=decode");
    Random random = new Random(12);
    assertThat(read(0, 4096)).isEqualTo(4096);
    assertThat(read(0, 1 << 20)).isEqualTo(SIZE);
    for (int i = 0; i < 200; i++) {
      int offset = random.nextInt(SIZE);
      int length = 1 + random.nextInt(100_000);
      assertThat(read(offset, length))
          .as("%d bytes at %d", length, offset)
          .isEqualTo(Math.min(length, SIZE - offset));
    }
  }

  @Test
  void S0_7_nothingIsServedFromAMountOfLazerofs() throws Exception {
    mount();
    Path inner = directory.resolve("mnt/inner.erofs");
    Path point = Files.createDirectory(directory.resolve("point"));
    assertRefused(inner, "--root", "root", inner.toString(), point.toString());
    Path root = directory.resolve("mnt/root");
    assertRefused(
        root.resolve("mounts"), "--root", root.toString(), "image.erofs", point.toString());
    try (var scheduler = Executors.newSingleThreadScheduledExecutor()) {
      assertThatThrownBy(() -> BlobCache.open(root, scheduler, Runnable::run))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(root + ": lies on a mount of lazerofs");
    }
  }

  private void assertRefused(Path path, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(LAZEROFS, "mount"));
    command.addAll(List.of(arguments));
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(err)
        .content()
        .isEqualToIgnoringNewLines(
            "lazerofs: "
                + path
                + ": lies on a mount of lazerofs, which would wait for itself;"
                + " choose another place");
  }
}
