package io.lazerofs.it;

import io.lazerofs.files.OpenDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * What a {@link RandomTree} cannot hold, since only system calls make it: names that are no text,
 * sockets, block devices and whiteouts, and attributes of every namespace on files of every type.
 * Needs root.
 */
final class RawFiles {
  private static final int FIFO = 0x1000;
  private static final int CHARACTER_DEVICE = 0x2000;
  private static final int BLOCK_DEVICE = 0x6000;
  private static final int SOCKET = 0xc000;

  /** Version 2; owner rwx, user 1000 r--, group r-x, mask r-x, others ---. */
  private static final byte[] ACL =
      HexFormat.of()
          .parseHex(
              "02000000"
                  + "01000700ffffffff"
                  + "02000400e8030000"
                  + "04000500ffffffff"
                  + "10000500ffffffff"
                  + "20000000ffffffff");

  private final Random random;

  RawFiles(Random random) {
    this.random = random;
  }

  /** Adds files to a directory and to some of those below it. */
  void add(OpenDirectory directory) throws IOException {
    List<byte[]> subdirectories = new ArrayList<>();
    for (byte[] name : directory.names()) {
      if (directory.status(name).isDirectory()) {
        subdirectories.add(name);
      }
    }
    if (random.nextBoolean()) {
      byte[] name = name();
      directory.makeDirectory(name, 0755);
      subdirectories.add(name);
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      addFile(directory, name());
    }
    for (byte[] name : subdirectories) {
      try (OpenDirectory inner = directory.directory(name)) {
        add(inner);
      }
      if (random.nextInt(4) == 0) {
        directory.setXattr(name, bytes("system.posix_acl_default"), ACL);
      }
    }
  }

  private void addFile(OpenDirectory directory, byte[] name) throws IOException {
    switch (random.nextInt(7)) {
      case 0 -> directory.makeNode(name, SOCKET | 0644, 0, 0);
      case 1 -> directory.makeNode(name, CHARACTER_DEVICE | 0644, 0, 0);
      case 2 ->
          directory.makeNode(
              name, BLOCK_DEVICE | 0644, random.nextInt(4096), random.nextInt(1 << 20));
      case 3 -> directory.makeNode(name, FIFO | 0644, 0, 0);
      case 4 -> directory.makeSymlink(name, name());
      default -> {
        directory.makeFile(name, 0644).close();
        directory.setXattr(name, bytes("system.posix_acl_access"), ACL);
      }
    }
    if (random.nextInt(3) == 0) {
      byte[] other = name();
      directory.makeLink(other, directory, name);
    }
    directory.setXattr(name, bytes("trusted.name" + random.nextInt(100)), name());
    directory.setXattr(name, bytes("security.lazerofs"), new byte[random.nextInt(3)]);
    directory.setOwner(name, random.nextInt(), random.nextInt(70_000));
    directory.setModified(name, random.nextLong(1L << 33), random.nextInt(1_000_000_000));
  }

  /** Returns a name that no other file has: of 16 to 40 bytes of all values but two. */
  private byte[] name() {
    byte[] name = new byte[16 + random.nextInt(25)];
    for (int i = 0; i < name.length; i++) {
      int b = random.nextInt(1, 255);
      name[i] = (byte) (b == '/' ? 255 : b);
    }
    return name;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
