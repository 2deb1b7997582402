package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands mkfs, mount and umount, as a user runs them after a build. */
class MountCommandIT {
  private static final Path LAZEROFS =
      Path.of("..", "bin", "lazerofs").toAbsolutePath().normalize();
  private static final long PATIENCE_SECONDS = 120;

  @TempDir Path directory;
  private Path mountPoint;
  private Path image;

  private record Result(int status, String err) {}

  @BeforeEach
  void makeImage() throws Exception {
    mountPoint = Files.createDirectory(directory.resolve("mnt"));
    Path tree = directory.resolve("tree");
    Files.createDirectories(tree.resolve("etc"));
    Files.writeString(tree.resolve("etc/motd"), "hello\n");
    Path tar = directory.resolve("tree.tar");
    assertThat(run(List.of("tar", "-cf", tar.toString(), "-C", tree.toString(), ".")).status())
        .isZero();
    image = directory.resolve("tree.erofs");
    assertThat(lazerofs("mkfs", image.toString(), tar.toString()).status()).isZero();
  }

  @AfterEach
  void leaveNoMount() throws Exception {
    if (isMounted()) {
      lazerofs("umount", mountPoint.toString());
    }
    assertThat(isMounted()).isFalse();
  }

  @Test
  void aMountIsUsableWhenTheCommandReturnsAndGoneAfterUmount() throws Exception {
    assertThat(mount(image.toString())).isEqualTo(new Result(0, ""));
    assertThat(mountPoint.resolve("etc/motd")).hasContent("hello\n");
    long server = serverPid();

    assertThat(lazerofs("umount", mountPoint.toString())).isEqualTo(new Result(0, ""));

    assertThat(isMounted()).isFalse();
    assertThat(mountPoint).isEmptyDirectory();
    assertThat(isRunning(server)).isFalse();
    assertThat(directory.resolve("root/mounts")).isDirectoryNotContaining(Files::isDirectory);
  }

  @Test
  void aSecondMountOnTheSameDirectoryIsRefusedAndTheFirstGoesOn() throws Exception {
    mount(image.toString());

    Result second = mount(image.toString());

    assertFailure(second, mountPoint + ": lazerofs has mounted something there already");
    assertThat(mountPoint.resolve("etc/motd")).hasContent("hello\n");
  }

  @Test
  void aMountWhoseServerWasKilledCanBeUnmounted() throws Exception {
    mount(image.toString());
    ProcessHandle.of(serverPid()).orElseThrow().destroyForcibly();

    assertThat(lazerofs("umount", mountPoint.toString())).isEqualTo(new Result(0, ""));
    assertThat(mountPoint).isEmptyDirectory();
  }

  @Test
  void aMountWhoseServerWasKilledIsReplacedByTheNext() throws Exception {
    mount(image.toString());
    long server = serverPid();
    ProcessHandle.of(server).orElseThrow().destroyForcibly();
    while (isRunning(server)) {
      Thread.onSpinWait();
    }

    assertThat(mount(image.toString())).isEqualTo(new Result(0, ""));
    assertThat(mountPoint.resolve("etc/motd")).hasContent("hello\n");
  }

  @Test
  void aDirectoryThatDoesNotExistIsSaid() throws Exception {
    mountPoint = directory.resolve("missing");

    assertFailure(mount(image.toString()), mountPoint + ": there is no such directory");
    assertNothingLeft();
  }

  @Test
  void aFileThatIsNoImageIsSaid() throws Exception {
    Path text = Files.writeString(directory.resolve("text.erofs"), "no image".repeat(1000));

    assertFailure(mount(text.toString()), text.toString());
    assertNothingLeft();
  }

  @Test
  void aMountThatIsInUseStays() throws Exception {
    mount(image.toString());

    try (var open = Files.newInputStream(mountPoint.resolve("etc/motd"))) {
      assertFailure(lazerofs("umount", mountPoint.toString()), mountPoint + ": in use");
      assertThat(open.read()).isEqualTo('h');
    }
    assertThat(isMounted()).isTrue();
  }

  @Test
  void umountOfAnythingElseIsRefused() throws Exception {
    assertFailure(
        lazerofs("umount", mountPoint.toString()),
        mountPoint + ": lazerofs has mounted nothing there");
  }

  private Result mount(String source) throws Exception {
    return lazerofs("mount", source, mountPoint.toString());
  }

  private Result lazerofs(String command, String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of(LAZEROFS.toString(), command));
    if (!command.equals("mkfs")) {
      line.addAll(List.of("--root", directory.resolve("root").toString()));
    }
    line.addAll(List.of(arguments));
    return run(line);
  }

  private Result run(List<String> command) throws IOException, InterruptedException {
    Path err = Files.createTempFile(directory, "err", "");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " does not end");
    }
    return new Result(process.exitValue(), Files.readString(err));
  }

  private static void assertFailure(Result result, String message) {
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err().lines()).singleElement().asString().contains(message);
  }

  private void assertNothingLeft() throws IOException {
    Path mounts = directory.resolve("root/mounts");
    if (Files.exists(mounts)) {
      assertThat(mounts).isDirectoryNotContaining("glob:**.log");
      assertThat(mounts).isDirectoryNotContaining(Files::isDirectory);
    }
  }

  private boolean isMounted() throws IOException {
    return Files.readString(Path.of("/proc/self/mounts"), StandardCharsets.UTF_8)
        .contains(" " + mountPoint + " ");
  }

  private long serverPid() throws IOException {
    try (var files = Files.walk(directory.resolve("root/mounts"))) {
      Path record = files.filter(file -> file.endsWith("mount")).findFirst().orElseThrow();
      return Files.readAllLines(record).stream()
          .filter(line -> line.startsWith("pid="))
          .mapToLong(line -> Long.parseLong(line.substring("pid=".length())))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Whether a process runs; one that has ended and that nobody has waited for does not. */
  private static boolean isRunning(long pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .noneMatch(line -> line.startsWith("State:") && line.contains("Z"));
  }
}
