package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FileType;

/** A regular file, whose content the {@link ImageWriter} has. */
final class RegularFile extends Node {
  private final StoredFile stored;

  RegularFile(FileAttributes attributes, StoredFile stored) {
    super(attributes);
    this.stored = stored;
  }

  @Override
  FileType type() {
    return FileType.REGULAR;
  }

  /** Returns where the content lies, once all content is written. */
  Content content() {
    return stored.content();
  }
}
