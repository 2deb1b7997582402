package io.lazerofs.erofs.extract;

import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.Xattr;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.files.OpenDirectory;
import io.lazerofs.sys.SystemCallException;
import java.util.List;

/** Gives files the attributes of inodes, as far as the system lets it. */
final class Attributes {

  /** Permissions that mean something whoever the owner is: all but set-user-ID and set-group-ID. */
  private static final int OWNERLESS = 01777;

  private final Shortfalls shortfalls;

  Attributes(Shortfalls shortfalls) {
    this.shortfalls = shortfalls;
  }

  /** Sets all attributes of the file that has this name. */
  void set(OpenDirectory directory, byte[] name, Inode inode, List<Xattr> xattrs)
      throws SystemCallException {
    boolean owned =
        shortfalls.attempt(
            Shortfall.Kind.OWNER, () -> directory.setOwner(name, inode.uid(), inode.gid()));
    for (Xattr xattr : xattrs) {
      shortfalls.attempt(
          Shortfall.Kind.XATTR, () -> directory.setXattr(name, xattr.name(), xattr.value()));
    }
    shortfalls.attempt(
        Shortfall.Kind.TIME,
        () -> directory.setModified(name, inode.seconds(), inode.nanoseconds()));
    if (inode.type() != FileType.SYMLINK) {
      int permissions = inode.mode() & (owned ? Inode.PERMISSIONS : OWNERLESS);
      shortfalls.attempt(Shortfall.Kind.MODE, () -> directory.setPermissions(name, permissions));
    }
  }
}
