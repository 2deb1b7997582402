package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.erofs.disk.FullIndex;
import io.lazerofs.erofs.disk.MapHeader;
import io.lazerofs.tar.Timestamp;

/**
 * The form that an inode takes in the metadata area, and what lies right behind it:
 *
 * <pre>{@code
 * ┌────────────────────┬────────┬──────────────────────────┬──────┐
 * │ inode, 32 or 64 B  │ xattrs │ chunk map, or index with │ tail │
 * │                    │        │ its header               │      │
 * └────────────────────┴────────┴──────────────────────────┴──────┘
 * }</pre>
 *
 * <p>A tail lies in one block; that of a directory or symlink also with its inode, since older
 * kernels want symlinks so.
 *
 * @param extended whether owner, time, size or links need the longer form
 * @param size bytes of content
 * @param wholeBlocks blocks that a directory or symlink has besides the tail
 * @param map bytes of the chunk map, or of the padding, header and index of a compressed file
 * @param tail bytes of content, or of a pcluster, beside the inode
 * @param tailAlone whether the tail may lie in another block than the inode
 */
record Shape(
    boolean extended,
    DataLayout layout,
    long size,
    int xattrs,
    long wholeBlocks,
    long map,
    int tail,
    boolean tailAlone) {

  /** Gives nodes their shapes, in an image of one block size and epoch. */
  record Planner(int blockBits, Timestamp epoch) {
    private static final long MAX_COMPACT_SIZE = 0xffff_ffffL;
    private static final int MAX_COMPACT_NUMBER = 0xffff;

    Shape of(Node node) {
      return switch (node) {
        case RegularFile file -> ofFile(file, file.content());
        case Directory directory ->
            ofTailed(directory, DirectoryContent.size(directory, blockSize()));
        case Symlink symlink -> ofTailed(symlink, symlink.target().length());
        case SpecialFile special -> shape(special, DataLayout.FLAT_PLAIN, 0, 0, 0, 0);
      };
    }

    private Shape ofFile(RegularFile file, Content content) {
      long size = content.size();
      return switch (content) {
        case Content.Flat(_, _, var tail) -> {
          DataLayout layout = tail.length() > 0 ? DataLayout.FLAT_INLINE : DataLayout.FLAT_PLAIN;
          yield shape(file, layout, size, 0, 0, tail.length());
        }
        case Content.Chunked chunked -> {
          long chunks = new ChunkPlan(blockBits, chunked.chunkBits()).chunks(size);
          long map = chunks * ChunkFormat.BLOCK_MAP_ENTRY_SIZE;
          yield shape(file, DataLayout.CHUNK_BASED, size, 0, map, 0);
        }
        case Content.Compressed compressed -> ofCompressed(file, compressed);
      };
    }

    private Shape ofCompressed(RegularFile file, Content.Compressed content) {
      long size = content.size();
      long entries = LclusterIndex.entries(size, blockBits);
      int head = inodeSize(file, size) + file.attributes().xattrs().bodySize();
      int index = indexOffset(head);
      boolean compact =
          blockBits <= CompactIndex.MAX_BLOCK_BITS && content.extents().areConsecutive();
      long bytes =
          compact
              ? CompactIndex.size(blockBits, index, entries)
              : FullIndex.RESERVED + entries * FullIndex.SIZE;
      return shape(
          file,
          compact ? DataLayout.COMPRESSED_COMPACT : DataLayout.COMPRESSED_FULL,
          size,
          0,
          index - head + bytes,
          content.tail().length());
    }

    private Shape ofTailed(Node node, long size) {
      int tail = (int) (size % blockSize());
      Shape inline = shape(node, DataLayout.FLAT_INLINE, size, size / blockSize(), 0, tail);
      // Half a block is what may stay unused at a block's end, when an inode does not fit there.
      return tail > 0 && inline.total() <= blockSize() / 2
          ? inline
          : shape(node, DataLayout.FLAT_PLAIN, size, (size + blockSize() - 1) / blockSize(), 0, 0);
    }

    private Shape shape(
        Node node, DataLayout layout, long size, long wholeBlocks, long map, int tail) {
      return new Shape(
          needsExtended(node, size),
          layout,
          size,
          node.attributes().xattrs().bodySize(),
          wholeBlocks,
          map,
          tail,
          node instanceof RegularFile);
    }

    private int inodeSize(Node node, long size) {
      return needsExtended(node, size) ? ExtendedInode.SIZE : CompactInode.SIZE;
    }

    private boolean needsExtended(Node node, long size) {
      FileAttributes attributes = node.attributes();
      return !attributes.modified().equals(epoch)
          || size > MAX_COMPACT_SIZE
          || Integer.compareUnsigned(attributes.uid(), MAX_COMPACT_NUMBER) > 0
          || Integer.compareUnsigned(attributes.gid(), MAX_COMPACT_NUMBER) > 0
          || node.links() > MAX_COMPACT_NUMBER;
    }

    private int blockSize() {
      return 1 << blockBits;
    }
  }

  int inodeSize() {
    return extended ? ExtendedInode.SIZE : CompactInode.SIZE;
  }

  /** Returns the bytes of inode and xattrs. */
  int head() {
    return inodeSize() + xattrs;
  }

  /** Returns where the header of a compressed file's index begins, bytes from the inode on. */
  int mapHeaderOffset() {
    return indexOffset(head()) - MapHeader.SIZE;
  }

  /** Returns the bytes of everything in the metadata area. */
  long total() {
    return head() + map + tail;
  }

  /** Returns where the part begins that must not cross a block boundary, bytes from the inode. */
  long unbrokenStart() {
    return tail > 0 && tailAlone ? head() + map : 0;
  }

  /** Returns where that part ends. */
  long unbrokenEnd() {
    return tail > 0 ? total() : inodeSize();
  }

  private static int indexOffset(int head) {
    return (head + MapHeader.SIZE - 1 & -MapHeader.SIZE) + MapHeader.SIZE;
  }
}
