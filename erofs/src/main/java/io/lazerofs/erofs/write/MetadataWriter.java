package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.erofs.disk.InodeFormat;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;

/** Writes what a {@link Layout} planned: first the whole blocks, then the inodes. */
final class MetadataWriter {
  private final BlockOutput output;
  private final ContentOutput contents;
  private final Layout layout;
  private final FileMap maps;
  private final MessageDigest digest = Digest.sha256();

  /**
   * @param contents has the tails of files
   */
  MetadataWriter(BlockOutput output, ContentOutput contents, Layout layout, FileMap maps) {
    this.output = output;
    this.contents = contents;
    this.layout = layout;
    this.maps = maps;
  }

  /** Writes all, pads to a whole block, and returns the SHA-256 of what was written. */
  byte[] write() throws IOException {
    for (Node node : layout.inodes()) {
      writeWholeBlocks(node);
    }
    long start = layout.metaBlock() << layout.blockBits();
    for (Node node : layout.inodes()) {
      output.zeros(start + node.nid() * Layout.SLOT - output.position());
      writeInode(node);
    }
    // fsck.erofs 1.5 reads an xattr header behind every inode, also where there is none.
    output.zeros(XattrHeader.SIZE);
    output.pad();
    return digest.digest();
  }

  private void writeWholeBlocks(Node node) throws IOException {
    if (node instanceof RegularFile || node instanceof SpecialFile) {
      return;
    }
    Shape shape = layout.shape(node);
    if (shape.wholeBlocks() > 0) {
      byte[] content = content(node);
      write(content, 0, content.length - shape.tail());
      output.pad();
    }
  }

  private void writeInode(Node node) throws IOException {
    Shape shape = layout.shape(node);
    byte[] head = new byte[shape.head()];
    MemorySegment memory = MemorySegment.ofArray(head);
    if (shape.extended()) {
      extended(node, shape).encode(memory, 0);
    } else {
      compact(node, shape).encode(memory, 0);
    }
    node.attributes().xattrs().encode(memory, shape.inodeSize());
    write(head, 0, head.length);
    if (node instanceof RegularFile file) {
      maps.write(file.content(), shape, this::write);
    }
    if (shape.tail() > 0) {
      byte[] content = content(node);
      write(content, content.length - shape.tail(), shape.tail());
    }
  }

  /** Returns the content that is metadata, or of a regular file the tail. */
  private byte[] content(Node node) throws IOException {
    return switch (node) {
      case Directory directory -> DirectoryContent.encode(directory, 1 << layout.blockBits());
      case Symlink symlink -> symlink.targetBytes();
      case SpecialFile _ -> new byte[0];
      case RegularFile file ->
          switch (file.content()) {
            case Content.Flat(_, _, var tail) -> contents.tail(tail);
            case Content.Compressed(_, _, var tail) -> contents.tail(tail);
            case Content.Chunked _ -> new byte[0];
          };
    };
  }

  private ExtendedInode extended(Node node, Shape shape) {
    FileAttributes attributes = node.attributes();
    return new ExtendedInode(
        InodeFormat.of(true, shape.layout(), false),
        XattrHeader.count(shape.xattrs()),
        node.mode(),
        0,
        shape.size(),
        data(node),
        node.number(),
        attributes.uid(),
        attributes.gid(),
        attributes.modified().seconds(),
        attributes.modified().nanoseconds(),
        node.links());
  }

  private CompactInode compact(Node node, Shape shape) {
    FileAttributes attributes = node.attributes();
    return new CompactInode(
        InodeFormat.of(false, shape.layout(), false),
        XattrHeader.count(shape.xattrs()),
        node.mode(),
        node.links(),
        shape.size(),
        0,
        data(node),
        node.number(),
        attributes.uid(),
        attributes.gid());
  }

  private static int data(Node node) {
    return switch (node) {
      case Directory directory -> (int) directory.firstBlock();
      case Symlink symlink -> (int) symlink.firstBlock();
      case SpecialFile special -> special.device();
      case RegularFile file ->
          switch (file.content()) {
            case Content.Flat flat -> (int) flat.firstBlock();
            case Content.Chunked chunked ->
                new ChunkFormat(chunked.chunkBits(), false, false).encode();
            case Content.Compressed compressed -> (int) compressed.storedBlocks();
          };
    };
  }

  private void write(byte[] bytes, int start, int length) throws IOException {
    digest.update(bytes, start, length);
    output.write(bytes, start, length);
  }
}
