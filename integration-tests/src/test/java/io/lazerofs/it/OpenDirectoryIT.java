package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.files.FileStatus;
import io.lazerofs.files.OpenDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What files have that only root can give them, set by ours and seen by the system's programs. */
final class OpenDirectoryIT {
  private static final int SOCKET = 0xc000;
  private static final int FIFO = 0x1000;
  private static final int CHARACTER_DEVICE = 0x2000;
  private static final int BLOCK_DEVICE = 0x6000;

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

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void makeOneOfEach() throws IOException {
    directory.makeFile(bytes("file"), 0600).close();
    directory.makeDirectory(bytes("directory"), 0700);
    directory.makeSymlink(bytes("symlink"), bytes("nowhere"));
    directory.makeNode(bytes("pipe"), FIFO | 0600, 0, 0);
    directory.makeNode(bytes("socket"), SOCKET | 0600, 0, 0);
    directory.makeNode(bytes("character"), CHARACTER_DEVICE | 0600, 0xfff, 0xfffff);
    directory.makeNode(bytes("block"), BLOCK_DEVICE | 0600, 7, 300);
  }

  @Test
  void everyTypeTakesOwnerTimesAndAttributesWithoutBeingFollowed() throws Exception {
    makeOneOfEach();
    for (byte[] name : directory.names()) {
      directory.setOwner(name, 100_000, 0xfffffffe);
      directory.setXattr(name, bytes("trusted.binary"), new byte[] {0, -1, 10});
      directory.setXattr(name, bytes("security.lazerofs"), new byte[0]);
      directory.setModified(name, 1_234_567_890, 123_456_789);
    }
    assertThat(stat("%n %u %g %.9Y %F"))
        .containsExactly(
            "block 100000 4294967294 1234567890.123456789 block special file",
            "character 100000 4294967294 1234567890.123456789 character special file",
            "directory 100000 4294967294 1234567890.123456789 directory",
            "file 100000 4294967294 1234567890.123456789 regular empty file",
            "pipe 100000 4294967294 1234567890.123456789 fifo",
            "socket 100000 4294967294 1234567890.123456789 socket",
            "symlink 100000 4294967294 1234567890.123456789 symbolic link");
    for (byte[] name : directory.names()) {
      Path path = root.resolve(new String(name, StandardCharsets.US_ASCII));
      assertThat(NativeFile.xattr(path, "trusted.binary", 10).bytes()).containsExactly(0, -1, 10);
      assertThat(NativeFile.xattr(path, "security.lazerofs", 10).result()).isZero();
      assertThat(directory.xattr(name, bytes("trusted.binary"))).containsExactly(0, -1, 10);
      assertThat(directory.xattr(name, bytes("security.lazerofs"))).isEmpty();
      assertThat(directory.xattrNames(name))
          .contains(bytes("security.lazerofs"), bytes("trusted.binary"));
    }
  }

  @Test
  void deviceNumbersAreThoseOfTheKernel() throws Exception {
    makeOneOfEach();
    assertThat(stat("%n %Hr %Lr")).contains("block 7 300", "character 4095 1048575");
    FileStatus character = directory.status(bytes("character"));
    assertThat(character.deviceMajor()).isEqualTo(0xfff);
    assertThat(character.deviceMinor()).isEqualTo(0xfffff);
    assertThat(directory.status(bytes("block")).deviceMinor()).isEqualTo(300);
  }

  @Test
  void attributesOfTheDirectoryItselfGoByDot() throws Exception {
    directory.setXattr(bytes("."), bytes("user.own"), bytes("v"));
    directory.setOwner(bytes("."), 1, 2);
    assertThat(NativeFile.xattr(root, "user.own", 10).bytes()).isEqualTo(bytes("v"));
    assertThat(directory.xattrNames(bytes("."))).contains(bytes("user.own"));
    assertThat(directory.status(bytes(".")).gid()).isEqualTo(2);
  }

  @Test
  void permissionsStayWhenTheyAreSetAfterTheOwner() throws Exception {
    directory.makeFile(bytes("program"), 0600).close();
    directory.setOwner(bytes("program"), 1, 1);
    directory.setPermissions(bytes("program"), 06755);
    assertThat(stat("%n %a %u")).containsExactly("program 6755 1");
  }

  private List<String> stat(String format) throws Exception {
    return Command.run(root, "sh", "-c", "stat --format='" + format + "' *");
  }
}
