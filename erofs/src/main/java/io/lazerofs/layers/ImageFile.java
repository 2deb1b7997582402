package io.lazerofs.layers;

import io.lazerofs.dio.DirectIo;
import io.lazerofs.dio.Mapper;
import io.lazerofs.dio.Mapping;
import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A regular file of an image, as direct I/O sees it: each extent is a mapping, and all of a
 * compressed file is one. Mappings are kept, so that reading by them again allocates nothing: all
 * that a flat file has, and of a chunk-based one the last used, in at most {@link
 * KeptMappings#MOST_BYTES}. Safe for use by many threads.
 */
final class ImageFile implements Mapper {
  /** What a file takes besides its mappings, bytes: this object, its inode and its read-ahead. */
  private static final int OWN_BYTES = 280;

  /** Chunks in a stretch of {@link KeptMappings}: indexes of 8 bytes in a block of 4 KiB. */
  private static final int STRETCH_CHUNK_BITS = 9;

  private final ErofsImage image;
  private final Inode inode;
  private final KeptMappings kept;
  private final @Nullable FileReadAhead readAhead;

  ImageFile(ErofsImage image, Inode inode) {
    this.image = image;
    this.inode = inode;
    kept = kept(inode, image.superblock().blockBits());
    // The bytes of a flat file lie on the blob as in the file: the blob's own read-ahead has them.
    readAhead = isFlat(inode.layout()) ? null : new FileReadAhead(this);
  }

  private static boolean isFlat(DataLayout layout) {
    return layout == DataLayout.FLAT_PLAIN || layout == DataLayout.FLAT_INLINE;
  }

  private static KeptMappings kept(Inode inode, int blockBits) {
    return switch (inode.layout()) {
      case FLAT_PLAIN, COMPRESSED_FULL, COMPRESSED_COMPACT -> KeptMappings.ofFew(1);
      case FLAT_INLINE -> KeptMappings.ofFew(2);
      case CHUNK_BASED -> {
        int chunkBits = blockBits + ChunkFormat.decode(inode.data()).blockBits();
        yield KeptMappings.ofMany(
            (inode.size() - 1 >> chunkBits) + 1, chunkBits + STRETCH_CHUNK_BITS);
      }
    };
  }

  /** Reads as {@link DirectIo#read} does, and fetches ahead of a reader who meets absent bytes. */
  int read(DirectIo io, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    try {
      int count = io.read(this, offset, length, direct, buffer);
      if (readAhead != null) {
        readAhead.onPresent(io, offset, count);
      }
      return count;
    } catch (AbsentException absent) {
      if (readAhead != null) {
        readAhead.onAbsent(io, offset, length);
      }
      throw absent;
    }
  }

  @Override
  public long size() {
    return inode.size();
  }

  @Override
  public int blockSize() {
    return image.superblock().blockSize();
  }

  /** {@inheritDoc} Takes no lock. */
  @Override
  public Mapping begin(long offset, long length, Operation operation) throws IOException {
    Mapping found = kept.holding(offset);
    if (found != null) {
      return found;
    }
    Mapping mapping =
        inode.layout().compressed()
            ? new Mapping.Encoded(0, inode.size(), new Decoding())
            : mapping(image.extent(inode, offset));
    kept.keep(mapping, offset);
    return mapping;
  }

  /** Returns the inode that this is the content of. */
  Inode inode() {
    return inode;
  }

  /** Returns what this takes of the heap at most, bytes; it never changes. */
  int mostBytes() {
    return OWN_BYTES + kept.mostBytes();
  }

  private static Mapping mapping(Extent extent) {
    // The last block of a file of nearly 2^63 bytes ends where no long reaches.
    long length = Math.min(extent.length(), Long.MAX_VALUE - extent.offset());
    return switch (extent) {
      case Extent.Hole hole -> new Mapping.Hole(hole.offset(), length);
      case Extent.Plain plain ->
          new Mapping.Mapped(plain.offset(), length, plain.source(), plain.physical());
      case Extent.Inline inline ->
          new Mapping.Inline(inline.offset(), length, inline.source(), inline.physical());
      case Extent.Compressed _, Extent.Fragment _ ->
          throw new IllegalArgumentException("in a file that is not compressed: " + extent);
    };
  }

  /** What decodes a compressed file. */
  private final class Decoding implements Mapping.Decoding {

    @Override
    public void decode(long offset, MemorySegment destination) throws IOException {
      int count = image.read(inode, offset, destination);
      if (count != destination.byteSize()) {
        throw new IOException(
            "nid %d: %d bytes at %d instead of %d"
                .formatted(inode.nid(), count, offset, destination.byteSize()));
      }
    }

    @Override
    public long prefetch(long offset, long length, int most) throws IOException {
      return image.prefetch(inode, offset, length, most);
    }
  }
}
