package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.BlockAddress;
import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.erofs.disk.InodeFormat;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.XattrHeader;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;

/** Writes what a {@link Layout} planned: first the whole blocks, then the inodes. */
final class MetadataWriter {
  private static final int MAP_BUFFER = BlockOutput.BLOCK;

  private final BlockOutput output;
  private final Layout layout;
  private final MessageDigest digest = Digest.sha256();

  MetadataWriter(BlockOutput output, Layout layout) {
    this.output = output;
    this.layout = layout;
  }

  /** Writes all, pads to a whole block, and returns the SHA-256 of what was written. */
  byte[] write() throws IOException {
    for (Node node : layout.inodes()) {
      writeWholeBlocks(node);
    }
    long start = layout.metaBlock() << BlockOutput.BLOCK_BITS;
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
    Shape shape = Shape.of(node, layout.epoch());
    if (shape.wholeBlocks() > 0) {
      byte[] content = content(node);
      write(content, 0, content.length - shape.tail());
      output.pad();
    }
  }

  private void writeInode(Node node) throws IOException {
    Shape shape = Shape.of(node, layout.epoch());
    byte[] head = new byte[shape.head()];
    MemorySegment memory = MemorySegment.ofArray(head);
    if (shape.extended()) {
      extended(node, shape).encode(memory, 0);
    } else {
      compact(node, shape).encode(memory, 0);
    }
    node.attributes().xattrs().encode(memory, shape.inodeSize());
    write(head, 0, head.length);
    if (shape.tail() > 0) {
      byte[] content = content(node);
      write(content, content.length - shape.tail(), shape.tail());
    }
    if (node instanceof RegularFile file && file.content() instanceof Content.Chunked chunked) {
      writeMap(chunked);
    }
  }

  private static byte[] content(Node node) {
    return switch (node) {
      case Directory directory -> DirectoryContent.encode(directory);
      case Symlink symlink -> symlink.targetBytes();
      case RegularFile _, SpecialFile _ -> new byte[0];
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
          };
    };
  }

  /** Writes the block address of each chunk, or that it is a hole. */
  private void writeMap(Content.Chunked content) throws IOException {
    long chunks = ChunkPlan.chunks(content.size(), content.chunkBits());
    long next = 0;
    for (Content.Run run : content.runs()) {
      writeAddresses(run.first() - next, BlockAddress.HOLE_32, 0);
      writeAddresses(run.count(), run.block(), 1L << content.chunkBits());
      next = run.first() + run.count();
    }
    writeAddresses(chunks - next, BlockAddress.HOLE_32, 0);
  }

  private void writeAddresses(long count, long first, long step) throws IOException {
    byte[] buffer = new byte[MAP_BUFFER];
    MemorySegment memory = MemorySegment.ofArray(buffer);
    long address = first;
    for (long left = count; left > 0; ) {
      int entries = (int) Math.min(left, MAP_BUFFER / ChunkFormat.BLOCK_MAP_ENTRY_SIZE);
      for (int i = 0; i < entries; i++) {
        LittleEndian.putU32(memory, (long) i * ChunkFormat.BLOCK_MAP_ENTRY_SIZE, address);
        address += step;
      }
      write(buffer, 0, entries * ChunkFormat.BLOCK_MAP_ENTRY_SIZE);
      left -= entries;
    }
  }

  private void write(byte[] bytes, int start, int length) throws IOException {
    digest.update(bytes, start, length);
    output.write(bytes, start, length);
  }
}
