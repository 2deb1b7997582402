package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.Dirent;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Looks names up in directories and lists them (kernel: fs/erofs/namei.c and dir.c).
 *
 * <p>Names are sorted across the whole directory, so a lookup searches the blocks by their first
 * names, then one block: it touches about log₂ of the number of blocks.
 *
 * <p>The position of an entry is its place in the directory's content; a "." that is not stored
 * comes last, at the position of the directory's size.
 */
final class Directories {
  private static final MemorySegment DOT = MemorySegment.ofArray(new byte[] {'.'}).asReadOnly();

  private final ExtentMapper mapper;
  private final Metadata metadata;
  private final MetadataCache cache;
  private final ContentReader contents;
  private final int blockBits;
  private final int blockSize;

  Directories(Superblock superblock, ImageParts parts, MetadataCache cache) {
    this.mapper = parts.mapper();
    this.contents = parts.contents();
    this.metadata = parts.metadata();
    this.cache = cache;
    this.blockBits = superblock.blockBits();
    this.blockSize = superblock.blockSize();
  }

  Optional<DirectoryEntry> lookup(Inode directory, byte[] name) throws IOException {
    if (name.length == 0 || name.length > Dirent.MAX_NAME) {
      return Optional.empty();
    }
    MemorySegment wanted = MemorySegment.ofArray(name);
    if (directory.dotOmitted() && DirectoryBlock.compare(wanted, DOT) == 0) {
      return Optional.of(new DirectoryEntry(directory.nid(), FileType.DIRECTORY));
    }
    long low = 0;
    long high = (directory.size() - 1) >> blockBits;
    while (low <= high) {
      long middle = (low + high) >>> 1;
      DirectoryBlock block = block(directory, middle);
      if (block.compareName(0, wanted) > 0) {
        high = middle - 1;
      } else if (block.compareName(block.count() - 1, wanted) < 0) {
        low = middle + 1;
      } else {
        int index = block.find(wanted);
        return index < 0
            ? Optional.empty()
            : Optional.of(new DirectoryEntry(block.nid(index), block.type(index)));
      }
    }
    return Optional.empty();
  }

  void list(Inode directory, long position, DirectoryVisitor visitor) throws IOException {
    long size = directory.size();
    MemorySegment previous = MemorySegment.NULL;
    long at = position;
    while (Checked.within(at, 1, size)) {
      DirectoryBlock block = block(directory, at >> blockBits);
      long start = (at >> blockBits) << blockBits;
      boolean lastBlock = size - start <= blockSize;
      long next = lastBlock ? size : start + blockSize;
      int index = (int) ((at - start + Dirent.SIZE - 1) / Dirent.SIZE);
      for (; index < block.count(); index++) {
        MemorySegment name = block.name(index);
        check(block, previous, name);
        previous = name;
        boolean last = index == block.count() - 1;
        long after = last ? next : start + (index + 1L) * Dirent.SIZE;
        if (!visitor.visit(name, block.nid(index), block.type(index).dirent(), after)) {
          return;
        }
      }
      at = next;
    }
    if (at == size && directory.dotOmitted()) {
      visitor.visit(DOT, directory.nid(), FileType.DIRECTORY.dirent(), size + 1);
    }
  }

  /** Requires that a name can be shown and comes after the one before it. */
  private static void check(DirectoryBlock block, MemorySegment previous, MemorySegment name)
      throws CorruptImageException {
    block.checkCharacters(name);
    if (DirectoryBlock.compare(previous, name) >= 0) {
      throw new CorruptImageException(
          block.position(), "order of names", "each after the one before", "one that is not");
    }
  }

  private DirectoryBlock block(Inode directory, long index) throws IOException {
    if (!directory.layout().compressed()) {
      return find(directory, index);
    }
    // The place of the inode stands for that of the block, which is on no device as it is.
    return cache.decompressed(
        metadata.source(directory.nid()),
        directory.xattrOffset(),
        index,
        () -> find(directory, index));
  }

  private DirectoryBlock find(Inode directory, long index) throws IOException {
    long offset = index << blockBits;
    int length = (int) Math.min(blockSize, directory.size() - offset);
    return switch (mapper.map(directory).extent(offset, length)) {
      case Extent.Plain plain ->
          read(plain.source(), plain.physical() + (offset - plain.offset()), length);
      case Extent.Inline inline -> read(inline.source(), inline.physical(), length);
      case Extent.Hole _ ->
          throw new CorruptImageException(
              directory.xattrOffset(), "directory content", "stored blocks", "a hole");
      case Extent.Compressed _, Extent.Fragment _ ->
          DirectoryBlock.of(contents.exactly(directory, offset, length), directory.xattrOffset());
    };
  }

  private DirectoryBlock read(ByteSource source, long position, int length) throws IOException {
    DirectoryBlock block =
        cache.get(DirectoryBlock.class, source, position, () -> stored(source, position, length));
    // Directories of a corrupt image may overlap.
    return block.bytes().byteSize() == length ? block : stored(source, position, length);
  }

  private static DirectoryBlock stored(ByteSource source, long position, int length)
      throws IOException {
    return DirectoryBlock.of(Checked.bytes(source, position, length, "directory block"), position);
  }
}
