package io.lazerofs.it.conformance;

import io.lazerofs.erofs.disk.FileType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Extended attributes of every namespace that the kind of file may have: few or many, with values
 * that are empty, short, shared with other files, or large, and POSIX access control lists.
 */
final class RandomXattrs {
  private static final String[] NAMESPACES = {"user.", "trusted.", "security."};
  private static final String LETTERS = "abcdefgh.-_ \u00e9\u0001\u00ff";
  private static final int SHARED = 6;

  /** The longest name that Linux takes with its prefix, XATTR_NAME_MAX. */
  private static final int LONGEST_NAME = 255;

  private final Random random;
  private final String[] sharedNames = new String[SHARED];
  private final byte[][] sharedValues = new byte[SHARED][];

  RandomXattrs(Random random) {
    this.random = random;
    for (int i = 0; i < SHARED; i++) {
      sharedNames[i] = "shared" + i;
      sharedValues[i] = bytes(random.nextInt(200));
    }
  }

  /** Returns the attributes of a file; most have none. */
  SortedMap<String, byte[]> next(FileType type, int permissions) {
    SortedMap<String, byte[]> xattrs = new TreeMap<>();
    if (random.nextInt(3) > 0) {
      return xattrs;
    }
    int count = random.nextInt(40) == 0 ? 60 : 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String namespace = namespace(type);
      if (random.nextInt(3) == 0) {
        int shared = random.nextInt(SHARED);
        xattrs.put(namespace + sharedNames[shared], sharedValues[shared]);
      } else {
        xattrs.put(name(namespace), bytes(valueSize(count)));
      }
    }
    if (type != FileType.SYMLINK && random.nextInt(4) == 0) {
      xattrs.put("system.posix_acl_access", list(permissions));
    }
    if (type == FileType.DIRECTORY && random.nextInt(4) == 0) {
      xattrs.put("system.posix_acl_default", list(random.nextInt(01000)));
    }
    return xattrs;
  }

  /** Linux gives attributes of users to files and directories only. */
  private String namespace(FileType type) {
    boolean users = type == FileType.REGULAR || type == FileType.DIRECTORY;
    return NAMESPACES[users ? random.nextInt(3) : 1 + random.nextInt(2)];
  }

  private String name(String namespace) {
    int longest = random.nextInt(20) == 0 ? LONGEST_NAME - namespace.length() : 20;
    StringBuilder name = new StringBuilder(namespace);
    for (int i = 1 + random.nextInt(longest); i > 0; i--) {
      name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return name.toString();
  }

  private int valueSize(int count) {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> random.nextInt(count > 10 ? 100 : 4000);
      default -> random.nextInt(60);
    };
  }

  private byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  /**
   * Returns a list that says of owner, mask and others what the permissions say, and more of one
   * user (include/uapi/linux/posix_acl_xattr.h).
   */
  private byte[] list(int permissions) {
    ByteBuffer list = ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
    entry(list, 0x01, permissions >> 6, -1);
    entry(list, 0x02, random.nextInt(8), random.nextInt(100_000));
    entry(list, 0x04, random.nextInt(8), -1);
    entry(list, 0x10, permissions >> 3, -1);
    entry(list, 0x20, permissions, -1);
    return list.array();
  }

  private static void entry(ByteBuffer list, int tag, int permissions, int id) {
    list.putShort((short) tag).putShort((short) (permissions & 7)).putInt(id);
  }
}
