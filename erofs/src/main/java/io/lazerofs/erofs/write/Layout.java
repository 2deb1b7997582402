package io.lazerofs.erofs.write;

import io.lazerofs.tar.Timestamp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * The plan of an image's metadata: gives every node its inode's place, and directories and symlinks
 * their whole blocks.
 *
 * <p>Inodes are in the order in which a walk meets them that lists a directory before it enters its
 * first child: the children of a directory side by side, a subtree not far from its root. Small
 * ones fill what larger ones before them have left free.
 */
final class Layout {

  /** Unit of nids, bytes. */
  static final int SLOT = 32;

  /**
   * The root's nid. Not 0, since userspace takes inode number 0 for none; nor 1, which FUSE gives
   * to the root of a whole mount.
   */
  private static final long ROOT_NID = 2;

  private final List<Node> inodes;
  private final Shape.Planner shapes;
  private final long metaBlock;

  private Layout(List<Node> inodes, Shape.Planner shapes, long metaBlock) {
    this.inodes = inodes;
    this.shapes = shapes;
    this.metaBlock = metaBlock;
  }

  /**
   * Plans the metadata of a tree, which must not change after.
   *
   * @param firstBlock the first block that content has left free
   */
  static Layout of(Directory root, int blockBits, long firstBlock) {
    List<Node> inodes = list(root);
    Shape.Planner shapes = new Shape.Planner(blockBits, commonTime(inodes));
    SlotAllocator slots = new SlotAllocator(1 << blockBits, ROOT_NID * SLOT);
    for (Node node : inodes) {
      node.setNid(slots.place(shapes.of(node)) / SLOT);
    }
    inodes.sort(Comparator.comparingLong(Node::nid));
    long block = firstBlock;
    for (Node node : inodes) {
      long wholeBlocks = shapes.of(node).wholeBlocks();
      if (wholeBlocks > 0) {
        setFirstBlock(node, block);
        block += wholeBlocks;
      }
    }
    return new Layout(inodes, shapes, block);
  }

  /** Returns all nodes in the order of their nids, the root first. */
  List<Node> inodes() {
    return inodes;
  }

  /** Returns the time of compact inodes. */
  Timestamp epoch() {
    return shapes.epoch();
  }

  Shape shape(Node node) {
    return shapes.of(node);
  }

  int blockBits() {
    return shapes.blockBits();
  }

  /** Returns the block that nids count from; whole blocks of directories end before it. */
  long metaBlock() {
    return metaBlock;
  }

  private static List<Node> list(Directory root) {
    List<Node> inodes = new ArrayList<>();
    Deque<Directory> left = new ArrayDeque<>(List.of(root));
    append(inodes, root);
    while (!left.isEmpty()) {
      List<Directory> subdirectories = new ArrayList<>();
      for (Node child : left.pop().children().values()) {
        if (child.number() == 0) {
          append(inodes, child);
        }
        if (child instanceof Directory directory) {
          subdirectories.add(directory);
        }
      }
      subdirectories.reversed().forEach(left::push);
    }
    return inodes;
  }

  private static void append(List<Node> inodes, Node node) {
    inodes.add(node);
    node.setNumber(inodes.size());
  }

  /**
   * Returns the time that more than half of all nodes have, if there is one, by the majority vote
   * of Boyer and Moore; images that are built to be reproducible have one time for nearly all.
   */
  private static Timestamp commonTime(List<Node> inodes) {
    Timestamp candidate = Timestamp.EPOCH;
    int votes = 0;
    for (Node node : inodes) {
      Timestamp time = node.attributes().modified();
      if (votes == 0) {
        candidate = time;
      }
      votes += time.equals(candidate) ? 1 : -1;
    }
    return candidate;
  }

  private static void setFirstBlock(Node node, long block) {
    switch (node) {
      case Directory directory -> directory.setFirstBlock(block);
      case Symlink symlink -> symlink.setFirstBlock(block);
      case RegularFile _, SpecialFile _ ->
          throw new IllegalStateException("its content is no metadata");
    }
  }
}
