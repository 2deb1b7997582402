package io.lazerofs.erofs.check;

import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.Xattr;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.files.Printable;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** The check of one image: every structure that can be reached, and every byte of content. */
public final class ImageCheck {
  private final ErofsImage image;
  private final TreeSink sink;
  private final Consumer<Fault> faults;
  private final ContentDecoder contents;

  private ImageCheck(
      ErofsImage image, TreeSink sink, Consumer<Fault> faults, LongConsumer progress) {
    this.image = image;
    this.sink = sink;
    this.faults = faults;
    this.contents = new ContentDecoder(image, progress);
  }

  /**
   * Checks an image. All calls of the arguments are made by the calling thread.
   *
   * @param primary the device that the superblock is on; all of its bytes must be on this machine
   * @param devices the extra devices, as for {@link ErofsImage#open(ByteSource, List)}
   * @param sink takes the tree as it is decoded
   * @param faults takes what is wrong, in the order in which it is met
   * @param progress told each number of bytes of content that were decoded
   * @throws IOException what sources and {@code sink} throw; never an {@link ErofsException}
   */
  public static CheckSummary check(
      ByteSource primary,
      List<ByteSource> devices,
      TreeSink sink,
      Consumer<Fault> faults,
      LongConsumer progress)
      throws IOException {
    FaultCounter counter = new FaultCounter(faults);
    Optional<ErofsImage> image = SuperblockCheck.open(primary, devices, counter);
    if (image.isEmpty()) {
      return new CheckSummary(0, 0, counter.count);
    }
    ImageCheck check = new ImageCheck(image.get(), sink, counter, progress);
    long inodes = check.run();
    return new CheckSummary(inodes, check.contents.decoded(), counter.count);
  }

  private static final class FaultCounter implements Consumer<Fault> {
    private final Consumer<Fault> faults;
    private long count;

    FaultCounter(Consumer<Fault> faults) {
      this.faults = faults;
    }

    @Override
    public void accept(Fault fault) {
      count++;
      faults.accept(fault);
    }
  }

  private long run() throws IOException {
    Superblock superblock = image.superblock();
    int hidden =
        checkHidden("packed inode", superblock.packedNid())
            + checkHidden("metabox inode", superblock.metaboxNid());
    TreeWalk.Outcome outcome = TreeWalk.walk(image, new InodeCheck(), faults);
    long inodes = outcome.inodes() + hidden;
    // Tools differ in whether they count the inodes that no directory names.
    boolean counted = superblock.inodes() >= outcome.inodes() && superblock.inodes() <= inodes;
    if (outcome.complete() && !counted) {
      faults.accept(
          new Fault(
              "superblock",
              Superblock.OFFSET,
              "inode count",
              Long.toString(inodes),
              Long.toUnsignedString(superblock.inodes())));
    }
    return inodes;
  }

  /** Checks an inode that no directory names, if there is one; returns how many there are. */
  private int checkHidden(String where, long nid) throws IOException {
    if (nid == 0) {
      return 0;
    }
    try {
      Inode inode = image.inode(nid);
      if (inode.type() != FileType.REGULAR) {
        String actual = inode.type().toString();
        faults.accept(
            new Fault(where, inode.xattrOffset(), "inode type", "a regular file", actual));
      } else {
        contents.decode(inode, where, (offset, data) -> {}, faults);
      }
    } catch (ErofsException e) {
      faults.accept(Fault.of(where, Superblock.OFFSET, e));
    }
    return 1;
  }

  /** Checks what is behind each name, and hands it on. */
  private final class InodeCheck implements TreeWalk.Visitor {

    @Override
    public void enter(TreePath path, Inode directory) throws IOException {
      sink.enter(path, directory);
    }

    @Override
    public void leave(TreePath path, Inode directory) throws IOException {
      sink.leave(directory, xattrs(path, directory));
    }

    @Override
    public void file(TreePath path, Inode inode) throws IOException {
      switch (inode.type()) {
        case REGULAR -> regular(path, inode);
        case SYMLINK -> symlink(path, inode);
        default -> sink.special(path, inode, xattrs(path, inode));
      }
    }

    @Override
    public void link(TreePath path, Inode inode) throws IOException {
      sink.link(path, inode);
    }
  }

  private void regular(TreePath path, Inode inode) throws IOException {
    TreeSink.Content content = sink.file(path, inode);
    boolean whole = contents.decode(inode, path.toString(), content::write, faults);
    content.end(whole, xattrs(path, inode));
  }

  private void symlink(TreePath path, Inode inode) throws IOException {
    List<Xattr> xattrs = xattrs(path, inode);
    byte[] target;
    try {
      target = image.readLink(inode);
    } catch (ErofsException e) {
      faults.accept(Fault.of(path.toString(), inode.xattrOffset(), e));
      return;
    }
    if (target.length == 0) {
      report(path, inode, "symbolic link's target", "a path", "none");
      return;
    }
    sink.symlink(path, inode, target, xattrs);
  }

  /** Returns those attributes of an inode that could be decoded, each name once. */
  private List<Xattr> xattrs(TreePath path, Inode inode) throws IOException {
    List<Xattr> xattrs = new ArrayList<>();
    Set<String> names = new HashSet<>();
    try {
      image.xattrs(
          inode,
          xattr -> {
            String shown = Printable.of(xattr.name());
            if (xattr.hidden()) {
              report(path, inode, "xattr name filter", "one that lets " + shown + " pass", "none");
            }
            if (names.add(new String(xattr.name(), StandardCharsets.ISO_8859_1))) {
              xattrs.add(xattr);
            } else {
              report(path, inode, "xattr name", shown + " once", "a further one");
            }
          });
    } catch (ErofsException e) {
      faults.accept(Fault.of(path.toString(), inode.xattrOffset(), e));
    }
    return xattrs;
  }

  private void report(TreePath path, Inode inode, String what, String expected, String actual) {
    faults.accept(new Fault(path.toString(), inode.xattrOffset(), what, expected, actual));
  }
}
