package io.lazerofs.erofs.check;

import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.Xattr;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Takes the tree that a check decodes, depth first: what lies in a directory comes between its
 * {@link #enter} and its {@link #leave}.
 *
 * <p>Names are 1 to 255 bytes without NUL or slash and neither "." nor "..". What a method throws
 * ends the check. Lists and arrays are the receiver's; memory segments are native and valid during
 * the call.
 */
public interface TreeSink {

  /** Wants nothing. */
  TreeSink NONE =
      new TreeSink() {
        @Override
        public void enter(TreePath path, Inode directory) {}

        @Override
        public void leave(Inode directory, List<Xattr> xattrs) {}

        @Override
        public Content file(TreePath path, Inode inode) {
          return Content.NONE;
        }

        @Override
        public void symlink(TreePath path, Inode inode, byte[] target, List<Xattr> xattrs) {}

        @Override
        public void special(TreePath path, Inode inode, List<Xattr> xattrs) {}

        @Override
        public void link(TreePath path, Inode inode) {}
      };

  /** A directory begins; the root first. */
  void enter(TreePath path, Inode directory) throws IOException;

  /** The directory that was entered last and not left ends. */
  void leave(Inode directory, List<Xattr> xattrs) throws IOException;

  /** A regular file begins, by the first of its names. */
  Content file(TreePath path, Inode inode) throws IOException;

  /** A symbolic link, by the first of its names. */
  void symlink(TreePath path, Inode inode, byte[] target, List<Xattr> xattrs) throws IOException;

  /** A device, FIFO or socket, by the first of its names. */
  void special(TreePath path, Inode inode, List<Xattr> xattrs) throws IOException;

  /** A further name of something that is no directory, and that may not have been decoded. */
  void link(TreePath path, Inode inode) throws IOException;

  /** Takes the content of one regular file. */
  interface Content {

    /** Wants nothing. */
    Content NONE =
        new Content() {
          @Override
          public void write(long offset, MemorySegment data) {}

          @Override
          public void end(boolean whole, List<Xattr> xattrs) {}
        };

    /** Some bytes of the file, in the order of their offsets; what no call is about is a hole. */
    void write(long offset, MemorySegment data) throws IOException;

    /**
     * The end of the file.
     *
     * @param whole whether all of its content was decoded
     */
    void end(boolean whole, List<Xattr> xattrs) throws IOException;
  }
}
