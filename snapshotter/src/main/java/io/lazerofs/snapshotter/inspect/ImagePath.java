package io.lazerofs.snapshotter.inspect;

import io.lazerofs.erofs.DirectoryEntry;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/**
 * A path in an image, from its root on, with or without a slash before it.
 *
 * @param text as a user gives it, see {@link NameText}
 */
public record ImagePath(String text) {

  /**
   * Finds the inode, following no symbolic link.
   *
   * @throws FileSystemException when there is none
   */
  Inode find(ErofsImage image) throws IOException {
    Inode inode = image.inode(image.rootNid());
    for (String name : text.split("/")) {
      if (name.isEmpty()) {
        continue;
      }
      if (!inode.isDirectory()) {
        throw new NotDirectoryException(text);
      }
      Optional<DirectoryEntry> entry = image.lookup(inode, bytes(name));
      if (entry.isEmpty()) {
        throw new NoSuchFileException(text);
      }
      inode = image.inode(entry.get().nid());
    }
    return inode;
  }

  /** Finds the inode of something whose content can be looked at. */
  Inode findContent(ErofsImage image, FileType... types) throws IOException {
    Inode inode = find(image);
    for (FileType type : types) {
      if (inode.type() == type) {
        return inode;
      }
    }
    String kind = ConstantNames.of(inode.type()).replace('_', ' ');
    throw new FileSystemException(text, null, "it is a " + kind);
  }

  /** Returns the last name, or "/" for the root. */
  byte[] lastName() {
    String trimmed = text.replaceAll("/+$", "");
    return trimmed.isEmpty()
        ? new byte[] {'/'}
        : NameText.parse(trimmed.substring(trimmed.lastIndexOf('/') + 1));
  }

  private byte[] bytes(String name) throws FileSystemException {
    try {
      return NameText.parse(name);
    } catch (IllegalArgumentException e) {
      throw new FileSystemException(text, null, String.valueOf(e.getMessage()));
    }
  }
}
