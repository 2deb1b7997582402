package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.BlockAddress;
import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.ChunkIndex;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Finds where the bytes of an inode are (kernel: fs/erofs/data.c, erofs_map_blocks).
 *
 * <p>Every extent that it returns holds, on its source, all bytes of the run that are in the file.
 */
final class ExtentMapper {
  private final ByteSource primary;
  private final Devices devices;
  private final int blockBits;
  private final int blockSize;

  ExtentMapper(Superblock superblock, ByteSource primary, Devices devices) {
    this.primary = primary;
    this.devices = devices;
    this.blockBits = superblock.blockBits();
    this.blockSize = superblock.blockSize();
  }

  /**
   * Returns the run that contains a byte.
   *
   * @param offset less than the inode's size
   * @param wanted how far from {@code offset} on the caller would use a longer run, bytes; a run is
   *     not searched further than that
   */
  Extent map(Inode inode, long offset, long wanted) throws IOException {
    return switch (inode.layout()) {
      case FLAT_PLAIN -> flat(inode, inode.size());
      case FLAT_INLINE -> {
        long tail = ((inode.size() - 1) >> blockBits) << blockBits;
        yield offset < tail ? flat(inode, tail) : inline(inode, tail);
      }
      case CHUNK_BASED -> chunks(inode, offset, wanted);
      case COMPRESSED_FULL, COMPRESSED_COMPACT ->
          throw new UnsupportedFeatureException(
              "data layout " + inode.layout(), inode.layout().code());
    };
  }

  /** Maps the first {@code size} bytes of a flat content. */
  private Extent flat(Inode inode, long size) throws CorruptImageException {
    long length = roundUpToBlock(size);
    if (inode.block() == Inode.HOLE && inode.layout() == DataLayout.FLAT_PLAIN) {
      return new Extent.Hole(0, length);
    }
    Devices.Place place = devices.resolve(0, inode.block());
    Checked.range(place.source(), place.offset(), size, "file content");
    return new Extent.Plain(0, length, place.source(), place.offset());
  }

  private Extent inline(Inode inode, long tail) throws CorruptImageException {
    long length = inode.size() - tail;
    long inBlock = inode.end() & (blockSize - 1);
    if (inBlock + length > blockSize) {
      throw new CorruptImageException(
          inode.end(), "inline data", "at most " + (blockSize - inBlock) + " bytes", length);
    }
    Checked.range(primary, inode.end(), length, "inline data");
    return new Extent.Inline(tail, length, primary, inode.end());
  }

  /**
   * Maps the chunk that holds {@code offset} and those that go on where it ends, as far as one
   * block of the map tells.
   */
  private Extent chunks(Inode inode, long offset, long wanted) throws IOException {
    if (ChunkFormat.unknown(inode.data()) != 0) {
      throw new UnsupportedFeatureException("chunk format", ChunkFormat.unknown(inode.data()));
    }
    ChunkFormat format = ChunkFormat.decode(inode.data());
    int chunkBits = blockBits + format.blockBits();
    long first = offset >> chunkBits;
    long start = first << chunkBits;
    int entrySize = format.entrySize();
    long map = (inode.end() + entrySize - 1) & -entrySize;
    long at = map + first * entrySize;
    long lastWanted = (offset + Math.min(wanted, inode.size() - offset) - 1) >> chunkBits;
    long restOfBlock = blockSize - (at & (blockSize - 1));
    int length = (int) Math.min((lastWanted - first + 1) * entrySize, restOfBlock);
    MemorySegment entries = Checked.bytes(primary, at, length, "chunk map");
    Chunk chunk = chunk(entries, 0, format);
    int count = 1;
    long blocksPerChunk = 1L << format.blockBits();
    while ((long) count * entrySize < entries.byteSize()
        && chunk(entries, (long) count * entrySize, format)
            .continues(chunk, count * blocksPerChunk)) {
      count++;
    }
    boolean endsBeforeFile = first + count <= inode.size() >> chunkBits;
    long bytes = (endsBeforeFile ? (first + count) << chunkBits : inode.size()) - start;
    if (chunk.hole()) {
      return new Extent.Hole(start, roundUpToBlock(bytes));
    }
    Devices.Place place = devices.resolve(chunk.device(), chunk.block());
    Checked.range(place.source(), place.offset(), bytes, "chunk");
    return new Extent.Plain(start, roundUpToBlock(bytes), place.source(), place.offset());
  }

  private Chunk chunk(MemorySegment entries, long at, ChunkFormat format) {
    if (!format.indexes()) {
      long block = LittleEndian.u32(entries, at);
      return new Chunk(0, block, block == BlockAddress.HOLE_32);
    }
    int high = format.wide() ? ChunkIndex.blockHigh(entries, at) : 0;
    long block = BlockAddress.of(high, ChunkIndex.blockLow(entries, at));
    return new Chunk(
        ChunkIndex.device(entries, at) & devices.mask(),
        block,
        block == (format.wide() ? BlockAddress.HOLE_48 : BlockAddress.HOLE_32));
  }

  private record Chunk(int device, long block, boolean hole) {
    boolean continues(Chunk first, long blocks) {
      return first.hole ? hole : !hole && device == first.device && block == first.block + blocks;
    }
  }

  private long roundUpToBlock(long length) {
    long blocks = (length >> blockBits) + ((length & (blockSize - 1)) == 0 ? 0 : 1);
    return Math.min(blocks, Long.MAX_VALUE >> blockBits) << blockBits;
  }
}
