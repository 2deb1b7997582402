package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.MapHeader;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;

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

    /**
     * Returns the run that contains a byte, from as far before the byte to as far behind it as one
     * look at the map tells.
     */
    default Extent whole(long offset) throws IOException {
      return extent(offset, Long.MAX_VALUE);
    }
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
      case CHUNK_BASED -> new ChunkMap(inode, metadata.source(inode.nid()), devices, blockBits);
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
    long length = roundUpToBlock(size, blockBits);
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

  /** Rounds a length up to whole blocks, as far as a long holds them. */
  static long roundUpToBlock(long length, int blockBits) {
    long blocks = (length >> blockBits) + ((length & ((1L << blockBits) - 1)) == 0 ? 0 : 1);
    return Math.min(blocks, Long.MAX_VALUE >> blockBits) << blockBits;
  }
}
