package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FileType;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A directory of the tree; names are byte strings, and sort as the format wants them. */
final class Directory extends Node {
  private static final String OPAQUE = "trusted.overlay.opaque";
  private static final String ORIGIN = "trusted.overlay.origin";

  private final SortedMap<String, Node> children = new TreeMap<>();
  private Directory parent = this;
  private int subdirectories;
  private boolean opaque;
  private long firstBlock;

  /** Makes a directory that is its own parent, until it is put into another one. */
  Directory(FileAttributes attributes) {
    super(attributes);
  }

  @Override
  FileType type() {
    return FileType.DIRECTORY;
  }

  @Override
  int links() {
    return 2 + subdirectories;
  }

  Directory parent() {
    return parent;
  }

  /** Returns the children by name, "." and ".." not among them. */
  SortedMap<String, Node> children() {
    return Collections.unmodifiableSortedMap(children);
  }

  Optional<Node> child(String name) {
    return Optional.ofNullable(children.get(name));
  }

  /** Puts {@code child} under a name, instead of whatever had it. */
  void put(String name, Node child) {
    child.nameAdded();
    if (child instanceof Directory directory) {
      directory.parent = this;
      subdirectories++;
    }
    Node replaced = children.put(name, child);
    if (replaced != null) {
      replaced.nameRemoved();
      if (replaced instanceof Directory directory) {
        subdirectories--;
        directory.abandon();
      }
    }
  }

  /** Takes the names of everything below away: some of it may have other names elsewhere. */
  private void abandon() {
    Deque<Directory> left = new ArrayDeque<>(List.of(this));
    while (!left.isEmpty()) {
      for (Node child : left.pop().children.values()) {
        child.nameRemoved();
        if (child instanceof Directory directory) {
          left.push(directory);
        }
      }
    }
  }

  void setOpaque() {
    opaque = true;
  }

  /**
   * Gives the attributes that overlayfs wants, once all whiteouts are here: to an opaque one, and
   * to one that holds whiteouts, which overlayfs otherwise shows where a directory is in one layer
   * only. It looks for whiteouts in directories that have any {@code trusted.overlay.origin}.
   */
  void markForOverlay() {
    if (opaque) {
      setAttributes(attributes().with(OPAQUE, new byte[] {'y'}));
    }
    boolean whiteouts =
        children.values().stream()
            .anyMatch(child -> child instanceof SpecialFile special && special.isWhiteout());
    if (whiteouts && !attributes().xattrs().has(ORIGIN)) {
      setAttributes(attributes().with(ORIGIN, new byte[0]));
    }
  }

  /** Returns the block where its entries begin, if {@link Shape} gives it whole blocks. */
  long firstBlock() {
    return firstBlock;
  }

  void setFirstBlock(long assigned) {
    firstBlock = assigned;
  }
}
