package io.lazerofs.layers;

import io.lazerofs.dio.Mapper;
import io.lazerofs.dio.Mapping;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A regular file of an image, as direct I/O sees it: each extent is a mapping. */
record ImageFile(ErofsImage image, Inode inode) implements Mapper {
  /** This object and the inode, bytes. */
  private static final int OWN_BYTES = 128;

  /** Returns how much of the heap a file takes at most, bytes, about. */
  int mostBytes() {
    return OWN_BYTES;
  }

  @Override
  public long size() {
    return inode.size();
  }

  @Override
  public int blockSize() {
    return image.superblock().blockSize();
  }

  @Override
  public Mapping begin(long offset, long length, Operation operation) throws IOException {
    Extent extent = image.extent(inode, offset);
    return switch (extent) {
      case Extent.Hole hole -> new Mapping.Hole(hole.offset(), hole.length());
      case Extent.Plain plain ->
          new Mapping.Mapped(plain.offset(), plain.length(), plain.source(), plain.physical());
      case Extent.Inline inline ->
          new Mapping.Inline(inline.offset(), inline.length(), inline.source(), inline.physical());
      case Extent.Compressed _, Extent.Fragment _ ->
          new Mapping.Encoded(extent.offset(), extent.length(), this::decode);
    };
  }

  private void decode(long offset, MemorySegment destination) throws IOException {
    int count = image.read(inode, offset, destination);
    if (count != destination.byteSize()) {
      throw new IOException(
          "nid %d: %d bytes at %d instead of %d"
              .formatted(inode.nid(), count, offset, destination.byteSize()));
    }
  }
}
