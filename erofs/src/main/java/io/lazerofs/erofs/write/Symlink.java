package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FileType;
import java.nio.charset.StandardCharsets;

/** A symbolic link; its target is a byte string. */
final class Symlink extends Node {
  /** PATH_MAX of Linux without the NUL, bytes. */
  private static final int MAX_TARGET = 4095;

  private final String target;
  private long firstBlock;

  /**
   * @throws IllegalArgumentException when Linux has no such target
   */
  Symlink(FileAttributes attributes, String target) {
    super(attributes);
    if (target.isEmpty() || target.length() > MAX_TARGET || target.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("the target of the symlink is empty, too long or has NUL");
    }
    this.target = target;
  }

  @Override
  FileType type() {
    return FileType.SYMLINK;
  }

  String target() {
    return target;
  }

  byte[] targetBytes() {
    return target.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Returns the block that holds the target, if {@link Shape} gives it one. */
  long firstBlock() {
    return firstBlock;
  }

  void setFirstBlock(long assigned) {
    firstBlock = assigned;
  }
}
