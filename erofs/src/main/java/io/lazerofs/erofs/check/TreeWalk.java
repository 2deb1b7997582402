package io.lazerofs.erofs.check;

import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * A walk of all names of an image, depth first, each directory's in the order of the directory.
 *
 * <p>Names, entries, link counts and the tree itself are checked on the way. A directory is entered
 * once, by the first name that is met, so the walk ends whatever the image says.
 */
public final class TreeWalk {
  private final ErofsImage image;
  private final Visitor visitor;
  private final Consumer<Fault> faults;
  private final BlockBuffer buffer;
  private final NidCounts missingNames = new NidCounts();
  private final Deque<Frame> frames = new ArrayDeque<>();
  private boolean complete = true;

  private TreeWalk(ErofsImage image, Visitor visitor, Consumer<Fault> faults) {
    this.image = image;
    this.visitor = visitor;
    this.faults = faults;
    this.buffer = new BlockBuffer(image);
  }

  /** Takes what a walk meets. What it throws ends the walk. */
  public interface Visitor {

    /** A directory, before its names; the root first. */
    void enter(TreePath path, Inode directory) throws IOException;

    /** The same directory after its names. */
    void leave(TreePath path, Inode directory) throws IOException;

    /** A file of any other type, by the first of its names. */
    void file(TreePath path, Inode inode) throws IOException;

    /** A further name of such a file. */
    void link(TreePath path, Inode inode) throws IOException;
  }

  /**
   * What a walk has met.
   *
   * @param inodes number of inodes
   * @param complete whether every directory and every inode could be read, so that there are no
   *     more of them
   */
  public record Outcome(long inodes, boolean complete) {}

  /** A directory that the walk is in. */
  private static final class Frame {
    final TreePath path;
    final Inode directory;
    final DirectoryScan scan;
    long subdirectories;

    Frame(TreePath path, Inode directory, DirectoryScan scan) {
      this.path = path;
      this.directory = directory;
      this.scan = scan;
    }
  }

  /**
   * Walks an image.
   *
   * @param faults takes what is wrong with names, entries, inodes and link counts
   * @throws IOException what the image's sources or {@code visitor} throw; among it {@link
   *     AbsentException}, since a walk cannot go on where it met one
   */
  public static Outcome walk(ErofsImage image, Visitor visitor, Consumer<Fault> faults)
      throws IOException {
    return new TreeWalk(image, visitor, faults).walk();
  }

  private Outcome walk() throws IOException {
    Inode root = image.inode(image.rootNid());
    missingNames.add(root.nid(), 0);
    enter(TreePath.ROOT, root, root.nid());
    while (!frames.isEmpty()) {
      Frame frame = frames.peek();
      if (frame.scan.next()) {
        visit(frame);
      } else {
        leave(frames.pop());
      }
    }
    if (complete) {
      missingNames.forEach(this::checkLinks);
    }
    return new Outcome(missingNames.size(), complete);
  }

  private void enter(TreePath path, Inode directory, long parentNid) throws IOException {
    visitor.enter(path, directory);
    frames.push(
        new Frame(
            path, directory, new DirectoryScan(image, directory, parentNid, path, buffer, faults)));
  }

  private void leave(Frame frame) throws IOException {
    long links = Integer.toUnsignedLong(frame.directory.links());
    long expected = 2 + frame.subdirectories;
    if (!frame.scan.sound()) {
      complete = false;
    } else if (links != expected && links != 1) {
      report(frame.path.toString(), frame.directory, "link count", "" + expected, "" + links);
    }
    visitor.leave(frame.path, frame.directory);
  }

  private void visit(Frame frame) throws IOException {
    TreePath path = frame.path.child(frame.scan.name());
    Inode inode;
    try {
      inode = image.inode(frame.scan.nid());
    } catch (ErofsException e) {
      complete = false;
      faults.accept(Fault.of(path.toString(), frame.directory.xattrOffset(), e));
      return;
    }
    frame.scan.checkType(inode.type());
    if (!inode.isDirectory()) {
      visitFile(path, inode);
    } else if (missingNames.add(inode.nid(), 0)) {
      frame.subdirectories++;
      enter(path, inode, frame.directory.nid());
    } else {
      frame.scan.reportSecondName();
    }
  }

  private void visitFile(TreePath path, Inode inode) throws IOException {
    if (missingNames.add(inode.nid(), inode.links() - 1)) {
      visitor.file(path, inode);
    } else {
      missingNames.decrement(inode.nid());
      visitor.link(path, inode);
    }
  }

  private void checkLinks(long nid, int missing) throws IOException {
    if (missing != 0) {
      Inode inode = image.inode(nid);
      long names = Integer.toUnsignedLong(inode.links() - missing);
      String links = Integer.toUnsignedString(inode.links());
      report("nid " + nid, inode, "link count", names + ", the number of names", links);
    }
  }

  private void report(String where, Inode inode, String what, String expected, String actual) {
    faults.accept(new Fault(where, inode.xattrOffset(), what, expected, actual));
  }
}
