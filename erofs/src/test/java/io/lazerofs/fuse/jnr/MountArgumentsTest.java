package io.lazerofs.fuse.jnr;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fuse.FuseOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountArgumentsTest {
  private static final Path POINT = Path.of("/mnt");

  @TempDir Path directory;

  private static List<String> options(FuseOptions options, boolean unchanging, boolean root) {
    String[] arguments = MountArguments.of(POINT, options, unchanging, root);
    assertThat(arguments).hasSize(5).startsWith("lazerofs", "-f", "-o").endsWith("/mnt");
    return List.of(arguments[3].split("(?<!\\\\),"));
  }

  @Test
  void whatSeparatesOptionsIsEscapedInTheSourceName() {
    assertThat(options(FuseOptions.defaults().withSourceName("a,b\\c"), true, true))
        .contains("fsname=a\\,b\\\\c", "ro", "use_ino", "default_permissions");
  }

  @Test
  void namesThatComeAndGoAreNotRemembered() {
    assertThat(options(FuseOptions.defaults(), false, true))
        .contains("entry_timeout=0", "negative_timeout=0", "attr_timeout=2147483647");
    assertThat(options(FuseOptions.defaults(), true, true))
        .contains("entry_timeout=2147483647", "negative_timeout=2147483647");
  }

  @Test
  void onlyRootAsksForDevicesAndSetUserId() {
    assertThat(options(FuseOptions.defaults(), true, true)).contains("suid", "dev", "allow_other");
    assertThat(options(FuseOptions.defaults(), true, false)).doesNotContain("suid", "dev");
  }

  @Test
  void othersAreLetInWhereRootPermitsIt() throws IOException {
    Path file = directory.resolve("fuse.conf");
    assertThat(MountArguments.mayAllowOthers(file)).isFalse();
    Files.writeString(file, "# user_allow_other\nmount_max = 1000\n");
    assertThat(MountArguments.mayAllowOthers(file)).isFalse();
    Files.writeString(file, "user_allow_other\n");
    assertThat(MountArguments.mayAllowOthers(file)).isTrue();
  }
}
