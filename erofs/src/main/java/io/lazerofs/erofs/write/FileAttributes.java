package io.lazerofs.erofs.write;

import io.lazerofs.tar.Timestamp;

/**
 * What an inode says about a file besides its type and content.
 *
 * @param permissions the low 12 bits of st_mode
 * @param uid owner, 32 bits
 * @param gid group, 32 bits
 */
record FileAttributes(int permissions, int uid, int gid, Timestamp modified, Xattrs xattrs) {

  /** Those of a directory that an archive only implies: root's, 0755, from the start of 1970. */
  static final FileAttributes IMPLIED =
      new FileAttributes(0755, 0, 0, Timestamp.EPOCH, Xattrs.NONE);

  FileAttributes with(String xattr, byte[] value) {
    return new FileAttributes(permissions, uid, gid, modified, xattrs.with(xattr, value));
  }
}
