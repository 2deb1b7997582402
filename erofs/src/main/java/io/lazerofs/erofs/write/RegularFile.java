package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FileType;

/** A regular file whose content is in the image already. */
final class RegularFile extends Node {
  private final Content content;

  RegularFile(FileAttributes attributes, Content content) {
    super(attributes);
    this.content = content;
  }

  @Override
  FileType type() {
    return FileType.REGULAR;
  }

  Content content() {
    return content;
  }
}
