package io.lazerofs.it.conformance;

import io.lazerofs.erofs.disk.FileType;
import java.util.SortedMap;

/**
 * A path of a tree that is to be made, and all about the file that it names.
 *
 * @param path from the root, which is empty; others begin with a slash; one character a byte
 * @param xattrs values by full name; must not be changed
 */
record TreeFile(String path, Kind kind, Attributes attributes, SortedMap<String, byte[]> xattrs) {

  /** What a path is. */
  sealed interface Kind {
    record Directory() implements Kind {}

    record Regular(Content content) implements Kind {}

    record Symlink(String target) implements Kind {}

    /** A device, pipe or socket; numbers are 0 for the latter two. */
    record Special(FileType type, int major, int minor) implements Kind {}

    /** Another name of a file that stands before this one in the tree. */
    record HardLink(TreeFile to) implements Kind {}
  }

  /** Permissions are the low 12 bits of st_mode. */
  record Attributes(int permissions, long uid, long gid, long seconds, int nanoseconds) {}

  FileType type() {
    return switch (kind) {
      case Kind.Directory _ -> FileType.DIRECTORY;
      case Kind.Regular _ -> FileType.REGULAR;
      case Kind.Symlink _ -> FileType.SYMLINK;
      case Kind.Special special -> special.type();
      case Kind.HardLink link -> link.to().type();
    };
  }
}
