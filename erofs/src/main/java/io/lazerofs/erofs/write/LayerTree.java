package io.lazerofs.erofs.write;

import io.lazerofs.files.Printable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The tree of one layer, built entry by entry as an unpacker would build it on a disk.
 *
 * <p>A later entry replaces an earlier one of the same path, whatever both are; only a directory
 * over a directory keeps the children. Parents that were not named are made.
 *
 * <p>A symlink where a path needs a directory is followed inside the root, as containerd's unpacker
 * does: it cannot lead out, since ".." stops at the root and absolute targets start there. Any
 * other file there is an error. Symlinks of lower layers are not seen.
 *
 * <p>Methods throw {@link IllegalArgumentException}, with the reason, for what cannot be done.
 */
final class LayerTree {
  /** As many symlinks as Linux follows in one path. */
  private static final int MAX_FOLLOWED = 40;

  private final Directory root = new Directory(FileAttributes.IMPLIED);

  Directory root() {
    return root;
  }

  /** Puts anything but a directory. */
  void put(List<String> path, Node node) {
    parent(path).put(name(path), node);
  }

  /** Puts a directory, or changes what an existing one says about itself. */
  void putDirectory(List<String> path, FileAttributes attributes) {
    if (path.isEmpty()) {
      root.setAttributes(attributes);
      return;
    }
    Directory parent = parent(path);
    Optional<Node> present = parent.child(name(path));
    if (present.isPresent() && present.get() instanceof Directory directory) {
      directory.setAttributes(attributes);
    } else {
      add(parent, name(path), attributes);
    }
  }

  /** Gives a file that is here already another name. */
  void link(List<String> path, List<String> target) {
    Node linked =
        find(target)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "the target of the hard link is not in the archive before it: "
                        + Printable.of(String.join("/", target))));
    if (linked instanceof Directory) {
      throw new IllegalArgumentException("a hard link to a directory");
    }
    Directory parent = parent(path);
    if (parent.child(name(path)).filter(linked::equals).isEmpty()) {
      parent.put(name(path), linked);
    }
  }

  /**
   * Hides what lower layers have at {@code path}. What this layer itself has there, before or
   * after, stays; a directory then hides all that lower layers have in it.
   */
  void hide(List<String> path, FileAttributes attributes) {
    Directory parent = parent(path);
    Optional<Node> present = parent.child(name(path));
    if (present.isEmpty()) {
      parent.put(name(path), SpecialFile.whiteout(attributes));
    } else if (present.get() instanceof Directory directory) {
      directory.setOpaque();
    }
  }

  /** Hides all that lower layers have in the directory {@code path}. */
  void hideContent(List<String> path) {
    walk(path, true).orElseThrow().setOpaque();
  }

  /** Marks all directories for overlayfs, once the tree is complete. */
  void markForOverlay() {
    Deque<Directory> left = new ArrayDeque<>(List.of(root));
    while (!left.isEmpty()) {
      Directory directory = left.pop();
      directory.markForOverlay();
      for (Node child : directory.children().values()) {
        if (child instanceof Directory subdirectory) {
          left.push(subdirectory);
        }
      }
    }
  }

  private Directory parent(List<String> path) {
    if (path.isEmpty()) {
      throw new IllegalArgumentException("the root can only be a directory");
    }
    return walk(path.subList(0, path.size() - 1), true).orElseThrow();
  }

  private static String name(List<String> path) {
    return path.getLast();
  }

  private Optional<Node> find(List<String> path) {
    if (path.isEmpty()) {
      return Optional.of(root);
    }
    return walk(path.subList(0, path.size() - 1), false)
        .flatMap(parent -> parent.child(name(path)));
  }

  /** Returns the directory at a path; makes what is missing, or returns empty where it is. */
  private Optional<Directory> walk(List<String> path, boolean make) {
    Deque<String> names = new ArrayDeque<>(path);
    Directory at = root;
    int followed = 0;
    while (!names.isEmpty()) {
      String name = names.pop();
      if (name.equals("..")) {
        at = at.parent();
        continue;
      }
      Optional<Node> child = at.child(name).filter(node -> !isWhiteout(node));
      if (child.isEmpty()) {
        if (!make) {
          return Optional.empty();
        }
        at = add(at, name, FileAttributes.IMPLIED);
        continue;
      }
      switch (child.get()) {
        case Directory directory -> at = directory;
        case Symlink symlink -> {
          if (++followed > MAX_FOLLOWED) {
            throw new IllegalArgumentException("too many symlinks on the way to it");
          }
          at = symlink.target().startsWith("/") ? root : at;
          EntryPath.split(symlink.target()).reversed().forEach(names::push);
        }
        case RegularFile _, SpecialFile _ ->
            throw new IllegalArgumentException(
                "its parent " + Printable.of(name) + " is no directory");
      }
    }
    return Optional.of(at);
  }

  /** Adds an empty directory; one that takes the place of a whiteout hides lower layers too. */
  private static Directory add(Directory parent, String name, FileAttributes attributes) {
    EntryPath.check(name);
    Directory directory = new Directory(attributes);
    if (parent.child(name).filter(LayerTree::isWhiteout).isPresent()) {
      directory.setOpaque();
    }
    parent.put(name, directory);
    return directory;
  }

  private static boolean isWhiteout(Node node) {
    return node instanceof SpecialFile special && special.isWhiteout();
  }
}
