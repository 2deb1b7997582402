package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mounts by a user who is not root.
 *
 * <p>Each test is a script in a mount namespace of its own, with a {@code /dev/fuse} that everybody
 * may open, as udev makes it; some containers and virtual machines have none but root's. The
 * program is a copy, since the source tree may lie where no other user may look.
 */
final class UserMountIT {
  private static final Path TREE = Path.of("..").toAbsolutePath().normalize();
  private static final String USER = "65534";

  @TempDir Path directory;

  private record Result(int status, String output) {}

  @BeforeEach
  void install() throws Exception {
    Command.run(directory, "chmod", "755", directory.toString());
    copy(TREE.resolve("bin"), directory.resolve("bin"));
    Path target = Files.createDirectories(directory.resolve("snapshotter/target"));
    copy(TREE.resolve("snapshotter/target/lib"), target.resolve("lib"));
    try (Stream<Path> jars = Files.list(TREE.resolve("snapshotter/target"))) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        copy(jar, target.resolve(jar.getFileName()));
      }
    }
    Path home = directory.resolve("home");
    Files.createDirectories(home.resolve("tree"));
    Files.createDirectory(home.resolve("mnt"));
    Files.createDirectory(directory.resolve("roots"));
    Files.createDirectory(directory.resolve("dev"));
    Files.write(home.resolve("tree/file"), "0123456789abcdef".repeat(20_000).getBytes());
    Command.run(home, "tar", "-cf", "tree.tar", "-C", "tree", ".");
    Command.run(home, directory.resolve("bin/lazerofs").toString(), "mkfs", "i", "tree.tar");
    Command.run(directory, "chown", "-R", USER + ":" + USER, home.toString());
  }

  private void copy(Path from, Path to) throws Exception {
    Command.run(directory, "cp", "-r", "--reflink=auto", from.toString(), to.toString());
  }

  /** Runs a script as the user, in the home directory, with "$lazerofs" for the program. */
  private Result asUser(String script) throws IOException, InterruptedException {
    String namespace =
        """
        set -e
        mount -t tmpfs none ../dev
        mknod ../dev/fuse c 10 229
        chmod 666 ../dev/fuse
        mount --bind ../dev/fuse /dev/fuse
        exec setpriv --reuid=%s --regid=%s --clear-groups sh -eu -c "$SCRIPT"
        """
            .formatted(USER, USER);
    ProcessBuilder builder =
        new ProcessBuilder(List.of("unshare", "-m", "sh", "-c", namespace))
            .directory(directory.resolve("home").toFile())
            .redirectErrorStream(true);
    builder.environment().put("SCRIPT", script);
    builder.environment().put("lazerofs", directory.resolve("bin/lazerofs").toString());
    builder.environment().put("HOME", directory.resolve("home").toString());
    builder.environment().remove("XDG_STATE_HOME");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  @Test
  void aUserMountsReadsDirectlyAndUnmounts() throws Exception {
    Result result =
        asUser(
            """
            $lazerofs mount i mnt
            grep " $HOME/mnt " /proc/self/mounts | cut -d ' ' -f 3-4 | cut -d , -f 1-3
            dd if=mnt/file iflag=direct bs=64k status=none | cmp - tree/file
            cmp mnt/file tree/file
            ls .local/state/lazerofs/mounts/*/mount >/dev/null
            $lazerofs umount mnt
            grep -c " $HOME/mnt " /proc/self/mounts || true
            ls -A mnt
            """);
    assertThat(result).isEqualTo(new Result(0, "fuse.lazerofs ro,nosuid,nodev\n0\n"));
  }

  @Test
  void aMountInUseStaysAndOneWhoseServerDiedIsReplaced() throws Exception {
    Result result =
        asUser(
            """
            $lazerofs mount i mnt
            exec 3<mnt/file
            $lazerofs umount mnt && exit 1
            exec 3<&-
            pid=$(sed -n 's/^pid=//p' .local/state/lazerofs/mounts/*/mount)
            kill -9 "$pid"
            while [ -e "/proc/$pid/fd/0" ]; do sleep 0.1; done
            $lazerofs mount i mnt
            cmp mnt/file tree/file
            $lazerofs umount mnt
            """);
    assertThat(result.output().lines()).singleElement().asString().contains("mnt: in use");
    assertThat(result.status()).isZero();
  }

  @Test
  void rootsServerIsRefusedInOneLine() throws Exception {
    Result result = asUser("$lazerofs mount --fuse raw i mnt");
    assertThat(result.output().lines()).singleElement().asString().contains("root");
    assertThat(result.status()).isEqualTo(1);
  }

  @Test
  void aDirectoryOfSomebodyElseIsRefusedInOneLine() throws Exception {
    Result result = asUser("$lazerofs mount i ../roots");
    assertThat(result.output().lines())
        .singleElement()
        .asString()
        .contains("roots")
        .contains("only root may mount");
    assertThat(result.status()).isEqualTo(1);
  }

  @Test
  void anImageOfOneLayerIsMountedAndOneOfTwoRefusedInOneLine() throws Exception {
    byte[] lower = new TarLayer().file("lower", "1").tar();
    byte[] upper = new TarLayer().file("upper", "2").tar();
    Path home = directory.resolve("home");
    convert(OciImages.layout(home.resolve("plain1"), lower), home.resolve("one"));
    convert(OciImages.layout(home.resolve("plain2"), lower, upper), home.resolve("two"));
    Command.run(directory, "chmod", "-R", "a+rX", home.toString());

    Result one = asUser("$lazerofs mount oci:one mnt && cat mnt/lower && $lazerofs umount mnt");
    assertThat(one).isEqualTo(new Result(0, "1"));
    Result two = asUser("$lazerofs mount oci:two mnt");
    assertThat(two.output().lines())
        .singleElement()
        .asString()
        .contains("has 2 layers, and only root can merge layers");
    assertThat(two.status()).isEqualTo(1);
  }

  private void convert(Path plain, Path converted) throws Exception {
    Command.run(
        directory,
        directory.resolve("bin/lazerofs").toString(),
        "convert",
        "oci:" + plain,
        "oci:" + converted);
  }
}
