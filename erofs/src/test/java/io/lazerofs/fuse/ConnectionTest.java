package io.lazerofs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ConnectionTest {
  private static final List<String> TABLE =
      List.of(
          "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
          "90 22 0:45 / /mnt/a\\040b rw - fuse.lazerofs one ro",
          "91 22 0:46 / /mnt/c rw - tmpfs tmpfs rw",
          "92 91 0:47 / /mnt/c rw shared:7 - fuse.lazerofs two ro");

  @Test
  void findsTheUppermostMountAndEscapedNames() {
    assertThat(Connection.deviceOf(TABLE, Path.of("/mnt/a b"))).isEqualTo("0:45");
    assertThat(Connection.deviceOf(TABLE, Path.of("/mnt/c"))).isEqualTo("0:47");
  }

  @Test
  void failsWhereNothingIsMounted() {
    assertThatThrownBy(() -> Connection.deviceOf(TABLE, Path.of("/mnt")))
        .isInstanceOf(NoSuchElementException.class);
  }
}
