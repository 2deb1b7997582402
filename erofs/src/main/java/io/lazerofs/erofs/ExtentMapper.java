package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.BlockAddress;
import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.ChunkIndex;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.MapHeader;
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
  private final Metadata metadata;
  private final Devices devices;
  private final PclusterRules rules;
  private final int blockBits;
  private final int blockSize;

  ExtentMapper(Superblock superblock, Metadata metadata, Devices devices, PclusterRules rules) {
    this.metadata = metadata;
    this.devices = devices;
    this.rules = rules;
    this.blockBits = superblock.blockBits();
    this.blockSize = superblock.blockSize();
  }

  /** The extents of one inode. For use by one thread. */
  @FunctionalInterface
  interface InodeMap {

    /**
     * Returns the run that contains a byte.
     *
     * @param offset from 0, less than the inode's size
     * @param wanted how far from {@code offset} on the caller would use a longer run, bytes; a run
     *     is not searched further than that
     */
    Extent extent(long offset, long wanted) throws IOException;
  }

  /**
   * Returns the map of an inode. What a compressed inode has once, before its index, is read here:
   * a caller who asks for many extents asks the same map.
   */
  InodeMap map(Inode inode) throws IOException {
    return switch (inode.layout()) {
      case FLAT_PLAIN -> (_, _) -> flat(inode, inode.size());
      case FLAT_INLINE ->
          (offset, _) -> {
            long tail = ((inode.size() - 1) >> blockBits) << blockBits;
            return offset < tail ? flat(inode, tail) : inline(inode, tail);
          };
      case CHUNK_BASED -> (offset, wanted) -> chunks(inode, offset, wanted);
      case COMPRESSED_FULL, COMPRESSED_COMPACT -> compressed(inode);
    };
  }

  private InodeMap compressed(Inode inode) throws IOException {
    ByteSource source = metadata.source(inode.nid());
    long at = inode.end() + MapHeader.SIZE - 1 & -MapHeader.SIZE;
    IndexWindow window = new IndexWindow(source);
    long inWindow = window.locate(at, MapHeader.SIZE, "map header");
    MapHeader header = MapHeader.decode(window.bytes(), inWindow);
    long size = inode.size();
    if (header.wholeFragment()) {
      return (_, _) -> rules.fragment(0, size, header.wholeFragmentOffset(), at);
    }
    int clusterBits = blockBits + header.lclusterBlockBits();
    boolean full = inode.layout() == DataLayout.COMPRESSED_FULL;
    if (full && header.advises(MapHeader.EXTENTS)) {
      return new ExtentListMap(header, at, window, rules, size, clusterBits);
    }
    if (!full
        && header.advises(MapHeader.BIG_PCLUSTER_1) != header.advises(MapHeader.BIG_PCLUSTER_2)) {
      throw new CorruptImageException(
          at, "big pclusters of a compact index", "both heads or none", header.advise());
    }
    LclusterIndex index =
        full
            ? new FullLclusterIndex(window, at)
            : new CompactLclusterIndex(
                window, header, at, (size - 1 >> blockBits) + 1, clusterBits);
    return new LclusterMap(header, at, index, rules, source, size, clusterBits, blockBits);
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
    ByteSource source = metadata.source(inode.nid());
    Checked.range(source, inode.end(), length, "inline data");
    return new Extent.Inline(tail, length, source, inode.end());
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
    MemorySegment entries = Checked.bytes(metadata.source(inode.nid()), at, length, "chunk map");
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
