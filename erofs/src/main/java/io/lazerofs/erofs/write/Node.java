package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FileType;

/**
 * An inode to be: what several names of a tree may share. Its place in the image is set by {@link
 * Layout}.
 */
abstract sealed class Node permits Directory, RegularFile, Symlink, SpecialFile {
  private FileAttributes attributes;

  /** Directories that hold it, counting each of its names; unused by directories themselves. */
  private int names;

  private int number;
  private long nid;

  Node(FileAttributes attributes) {
    this.attributes = attributes;
  }

  abstract FileType type();

  final FileAttributes attributes() {
    return attributes;
  }

  final void setAttributes(FileAttributes changed) {
    attributes = changed;
  }

  /** Returns st_nlink. */
  int links() {
    return names;
  }

  final void nameAdded() {
    names++;
  }

  final void nameRemoved() {
    names--;
  }

  /** Returns st_mode. */
  final int mode() {
    return type().dirent() << 12 | attributes.permissions();
  }

  /** Returns the position among all inodes, from 1, or 0 before it is set. */
  final int number() {
    return number;
  }

  final void setNumber(int assigned) {
    number = assigned;
  }

  final long nid() {
    return nid;
  }

  final void setNid(long assigned) {
    nid = assigned;
  }
}
