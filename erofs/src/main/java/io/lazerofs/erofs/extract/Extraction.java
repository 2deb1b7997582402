package io.lazerofs.erofs.extract;

import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.Xattr;
import io.lazerofs.erofs.check.TreePath;
import io.lazerofs.erofs.check.TreeSink;
import io.lazerofs.files.NewFile;
import io.lazerofs.files.OpenDirectory;
import io.lazerofs.files.Printable;
import io.lazerofs.sys.SystemCallException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tree that a check decodes, in a directory of its own: modes, owners, times, extended
 * attributes, holes and hard links are those of the image.
 *
 * <p>What the system refuses for one file is counted, and the rest goes on; a disk that is full or
 * broken ends the extraction. A file that could not be decoded wholly is taken away again. For one
 * thread.
 */
public final class Extraction implements TreeSink, AutoCloseable {

  /** The number of directories in the longest path that the kernel takes (PATH_MAX is 4096). */
  private static final int MAX_DEPTH = 2048;

  private static final byte[] ITSELF = {'.'};

  /** Permissions of what is not complete. */
  private static final int PRIVATE_DIRECTORY = 0700;

  private static final int PRIVATE_FILE = 0600;

  /** The directories from the root to the current one; empty for one that is left out. */
  private final Deque<Optional<OpenDirectory>> directories = new ArrayDeque<>();

  private final OpenDirectory root;
  private final Map<Long, FirstName> linked = new HashMap<>();
  private final Shortfalls shortfalls = new Shortfalls();
  private final Attributes attributes = new Attributes(shortfalls);
  private @Nullable NewFile writing;

  private Extraction(OpenDirectory root) {
    this.root = root;
  }

  /** The name that a file with several was made by, and how many more are to come. */
  private static final class FirstName {
    final TreePath path;
    int missing;

    FirstName(TreePath path, int missing) {
      this.path = path;
      this.missing = missing;
    }
  }

  /** Makes a file in an open directory. */
  @FunctionalInterface
  private interface Making {
    void in(OpenDirectory directory) throws SystemCallException;
  }

  /**
   * Begins an extraction.
   *
   * @param directory made when it is missing; it becomes the root of the tree
   * @throws DirectoryNotEmptyException when something is in it
   */
  public static Extraction into(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      Files.createDirectory(directory);
    }
    OpenDirectory root = OpenDirectory.open(directory);
    if (root.names().isEmpty()) {
      return new Extraction(root);
    }
    root.close();
    throw new DirectoryNotEmptyException(directory.toString());
  }

  /** Returns what could not be done so far, one for each kind. */
  public List<Shortfall> shortfalls() {
    return shortfalls.list();
  }

  @Override
  public void enter(TreePath path, Inode directory) throws IOException {
    if (directories.isEmpty()) {
      directories.push(Optional.of(root));
      return;
    }
    if (directories.size() == MAX_DEPTH) {
      leaveOut(path, "more than " + MAX_DEPTH + " directories deep");
      directories.push(Optional.empty());
      return;
    }
    boolean made = make(path, parent -> parent.makeDirectory(path.name(), PRIVATE_DIRECTORY));
    directories.push(
        made ? Optional.of(current().orElseThrow().directory(path.name())) : Optional.empty());
  }

  @Override
  public void leave(Inode directory, List<Xattr> xattrs) throws IOException {
    Optional<OpenDirectory> left = directories.pop();
    if (left.isPresent()) {
      try (OpenDirectory itself = left.get()) {
        attributes.set(itself, ITSELF, directory, xattrs);
      }
    }
  }

  @Override
  public Content file(TreePath path, Inode inode) throws IOException {
    boolean made = make(path, parent -> writing = parent.makeFile(path.name(), PRIVATE_FILE));
    return made ? new FileContent(path, inode) : Content.NONE;
  }

  @Override
  public void symlink(TreePath path, Inode inode, byte[] target, List<Xattr> xattrs)
      throws IOException {
    if (make(path, parent -> parent.makeSymlink(path.name(), target))) {
      finish(path, inode, xattrs);
    }
  }

  @Override
  public void special(TreePath path, Inode inode, List<Xattr> xattrs) throws IOException {
    int type = inode.mode() & ~Inode.PERMISSIONS;
    int major = inode.deviceMajor();
    int minor = inode.deviceMinor();
    if (make(path, parent -> parent.makeNode(path.name(), type | PRIVATE_FILE, major, minor))) {
      finish(path, inode, xattrs);
    }
  }

  @Override
  public void link(TreePath path, Inode inode) throws IOException {
    FirstName first = linked.get(inode.nid());
    if (first == null) {
      leaveOut(path, "there is no file to give a further name");
      return;
    }
    make(path, parent -> link(parent, path.name(), first.path.names()));
    first.missing--;
    if (first.missing == 0) {
      linked.remove(inode.nid());
    }
  }

  /** Makes a hard link to a file, which is found from the root, name by name. */
  private void link(OpenDirectory parent, byte[] name, List<byte[]> existing)
      throws SystemCallException {
    OpenDirectory at = root;
    try {
      for (byte[] directory : existing.subList(0, existing.size() - 1)) {
        OpenDirectory next = at.directory(directory);
        closeUnlessRoot(at);
        at = next;
      }
      parent.makeLink(name, at, existing.getLast());
    } finally {
      closeUnlessRoot(at);
    }
  }

  private void closeUnlessRoot(OpenDirectory directory) {
    if (directory != root) {
      directory.close();
    }
  }

  /** Makes something in the current directory; returns whether it is there. */
  private boolean make(TreePath path, Making making) throws SystemCallException {
    Optional<OpenDirectory> parent = current();
    if (parent.isEmpty()) {
      leaveOut(path, "its directory was left out");
      return false;
    }
    return shortfalls.attempt(Shortfall.Kind.LEFT_OUT, () -> making.in(parent.get()));
  }

  private Optional<OpenDirectory> current() {
    return directories.element();
  }

  /** Sets the attributes of what was just made, and remembers it if more names are to come. */
  private void finish(TreePath path, Inode inode, List<Xattr> xattrs) throws IOException {
    attributes.set(current().orElseThrow(), path.name(), inode, xattrs);
    if (inode.links() != 1) {
      linked.put(inode.nid(), new FirstName(path, inode.links() - 1));
    }
  }

  private void leaveOut(TreePath path, String reason) {
    shortfalls.add(Shortfall.Kind.LEFT_OUT, Printable.of(path.toString()) + ": " + reason);
  }

  @Override
  public void close() {
    if (writing != null) {
      writing.close();
    }
    for (Optional<OpenDirectory> directory : directories) {
      directory.ifPresent(OpenDirectory::close);
    }
    root.close();
  }

  /** The content of the file that is being written. */
  private final class FileContent implements Content {
    private final TreePath path;
    private final Inode inode;
    private boolean refused;

    FileContent(TreePath path, Inode inode) {
      this.path = path;
      this.inode = inode;
    }

    @Override
    public void write(long offset, MemorySegment data) throws IOException {
      refused =
          refused || !shortfalls.attempt(Shortfall.Kind.LEFT_OUT, () -> file().write(offset, data));
    }

    @Override
    public void end(boolean whole, List<Xattr> xattrs) throws IOException {
      try (NewFile ended = file()) {
        writing = null;
        if (!whole) {
          leaveOut(path, "not all of it could be decoded");
        } else if (!refused
            && shortfalls.attempt(Shortfall.Kind.LEFT_OUT, () -> ended.setSize(inode.size()))) {
          finish(path, inode, xattrs);
          return;
        }
      }
      current().orElseThrow().removeFile(path.name());
    }

    private NewFile file() {
      if (writing == null) {
        throw new IllegalStateException("no file is being written");
      }
      return writing;
    }
  }
}
