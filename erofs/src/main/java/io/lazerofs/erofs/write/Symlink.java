package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FileType;
import java.nio.charset.StandardCharsets;

/** A symbolic link; its target is a byte string. */
final class Symlink extends Node {
  private final String target;
  private long firstBlock;

  Symlink(FileAttributes attributes, String target) {
    super(attributes);
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
