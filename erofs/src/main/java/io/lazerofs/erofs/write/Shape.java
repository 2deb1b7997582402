package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.tar.Timestamp;

/**
 * The form that an inode takes in the metadata area, and what lies right behind it:
 *
 * <pre>{@code
 * ┌────────────────────┬────────┬──────┐        ┌────────────────────┬────────┬───────────┐
 * │ inode, 32 or 64 B  │ xattrs │ tail │   or   │ inode, 32 or 64 B  │ xattrs │ chunk map │
 * └────────────────────┴────────┴──────┘        └────────────────────┴────────┴───────────┘
 * }</pre>
 *
 * Only directories and symlinks have tails, so that every regular file can be read directly, by
 * blocks. An inode lies with its tail in one block: older kernels want symlinks so.
 *
 * @param extended whether owner, time, size or links need the longer form
 * @param size bytes of content
 * @param wholeBlocks blocks that a directory or symlink has besides the tail
 * @param tail bytes of content beside the inode
 * @param map bytes of the chunk map
 */
record Shape(
    boolean extended,
    DataLayout layout,
    long size,
    int xattrs,
    long wholeBlocks,
    int tail,
    long map) {

  /** What may stay unused at a block's end, when an inode with its tail does not fit there. */
  private static final int MAX_WITH_TAIL = BlockOutput.BLOCK / 2;

  private static final long MAX_COMPACT_SIZE = 0xffff_ffffL;
  private static final int MAX_COMPACT_NUMBER = 0xffff;

  /**
   * @param epoch the time that all compact inodes have
   */
  static Shape of(Node node, Timestamp epoch) {
    return switch (node) {
      case RegularFile file -> ofFile(file, epoch);
      case Directory directory -> ofTailed(directory, DirectoryContent.size(directory), epoch);
      case Symlink symlink -> ofTailed(symlink, symlink.target().length(), epoch);
      case SpecialFile special -> plain(special, 0, 0, epoch);
    };
  }

  int inodeSize() {
    return extended ? ExtendedInode.SIZE : CompactInode.SIZE;
  }

  /** Returns the bytes of inode and xattrs. */
  int head() {
    return inodeSize() + xattrs;
  }

  /** Returns the bytes of everything in the metadata area. */
  long total() {
    return head() + tail + map;
  }

  /** Returns the bytes from the inode's start on that must not cross a block boundary. */
  int unbroken() {
    return tail > 0 ? head() + tail : inodeSize();
  }

  private static Shape ofFile(RegularFile file, Timestamp epoch) {
    return switch (file.content()) {
      case Content.Flat flat -> plain(file, flat.size(), 0, epoch);
      case Content.Chunked chunked ->
          new Shape(
              needsExtended(file, chunked.size(), epoch),
              DataLayout.CHUNK_BASED,
              chunked.size(),
              file.attributes().xattrs().bodySize(),
              0,
              0,
              ChunkPlan.chunks(chunked.size(), chunked.chunkBits())
                  * ChunkFormat.BLOCK_MAP_ENTRY_SIZE);
    };
  }

  private static Shape ofTailed(Node node, long size, Timestamp epoch) {
    int tail = (int) (size % BlockOutput.BLOCK);
    Shape inline =
        new Shape(
            needsExtended(node, size, epoch),
            DataLayout.FLAT_INLINE,
            size,
            node.attributes().xattrs().bodySize(),
            size / BlockOutput.BLOCK,
            tail,
            0);
    return tail > 0 && inline.total() <= MAX_WITH_TAIL
        ? inline
        : plain(node, size, (size + BlockOutput.BLOCK - 1) / BlockOutput.BLOCK, epoch);
  }

  private static Shape plain(Node node, long size, long wholeBlocks, Timestamp epoch) {
    return new Shape(
        needsExtended(node, size, epoch),
        DataLayout.FLAT_PLAIN,
        size,
        node.attributes().xattrs().bodySize(),
        wholeBlocks,
        0,
        0);
  }

  private static boolean needsExtended(Node node, long size, Timestamp epoch) {
    FileAttributes attributes = node.attributes();
    return !attributes.modified().equals(epoch)
        || size > MAX_COMPACT_SIZE
        || Integer.compareUnsigned(attributes.uid(), MAX_COMPACT_NUMBER) > 0
        || Integer.compareUnsigned(attributes.gid(), MAX_COMPACT_NUMBER) > 0
        || node.links() > MAX_COMPACT_NUMBER;
  }
}
