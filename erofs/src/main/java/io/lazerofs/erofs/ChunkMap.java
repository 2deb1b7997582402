package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.BlockAddress;
import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.ChunkIndex;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The map of a chunk-based inode: an address for each chunk, behind the inode and its xattrs
 * (kernel: erofs_map_chunks in fs/erofs/data.c). Chunks that continue each other are one run, as
 * far as one block of the map tells.
 */
final class ChunkMap implements ExtentMapper.InodeMap {
  private final Inode inode;
  private final ByteSource source;
  private final Devices devices;
  private final ChunkFormat format;
  private final int blockBits;
  private final int chunkBits;
  private final long map;

  /**
   * @param source what holds the inode
   */
  ChunkMap(Inode inode, ByteSource source, Devices devices, int blockBits)
      throws UnsupportedFeatureException {
    if (ChunkFormat.unknown(inode.data()) != 0) {
      throw new UnsupportedFeatureException("chunk format", ChunkFormat.unknown(inode.data()));
    }
    this.inode = inode;
    this.source = source;
    this.devices = devices;
    this.blockBits = blockBits;
    format = ChunkFormat.decode(inode.data());
    chunkBits = blockBits + format.blockBits();
    map = (inode.end() + format.entrySize() - 1) & -format.entrySize();
  }

  @Override
  public Extent extent(long offset, long wanted) throws IOException {
    long first = offset >> chunkBits;
    long last = (offset + Math.min(wanted, inode.size() - offset) - 1) >> chunkBits;
    return run(first, first, last);
  }

  @Override
  public Extent whole(long offset) throws IOException {
    long asked = offset >> chunkBits;
    long beforeInBlock = inBlock(map + asked * format.entrySize()) / format.entrySize();
    return run(Math.max(0, asked - beforeInBlock), asked, (inode.size() - 1) >> chunkBits);
  }

  /**
   * Returns the run of a chunk.
   *
   * @param first the chunk that the run begins with at the earliest, in the same block of the map
   * @param last the chunk that it ends with at the latest
   */
  private Extent run(long first, long asked, long last) throws IOException {
    int entrySize = format.entrySize();
    long at = map + first * entrySize;
    int length = (int) Math.min((last - first + 1) * entrySize, blockSize() - inBlock(at));
    MemorySegment entries = Checked.bytes(source, at, length, "chunk map");
    int index = (int) (asked - first);
    Chunk chunk = chunk(entries, index);
    long blocks = 1L << format.blockBits();
    int begin = index;
    while (begin > 0 && continues(chunk, chunk(entries, begin - 1), (begin - 1 - index) * blocks)) {
      begin--;
    }
    int end = index + 1;
    while (end < length / entrySize
        && continues(chunk, chunk(entries, end), (end - index) * blocks)) {
      end++;
    }
    return extent(first + begin, first + end, chunk, (begin - index) * blocks);
  }

  /**
   * Returns the extent of chunks {@code begin} to {@code end}.
   *
   * @param blocksFrom how many blocks from {@code chunk} on the first one is
   */
  private Extent extent(long begin, long end, Chunk chunk, long blocksFrom)
      throws CorruptImageException {
    long start = begin << chunkBits;
    boolean endsBeforeFile = end <= inode.size() >> chunkBits;
    long bytes = (endsBeforeFile ? end << chunkBits : inode.size()) - start;
    long length = ExtentMapper.roundUpToBlock(bytes, blockBits);
    if (chunk.hole()) {
      return new Extent.Hole(start, length);
    }
    Devices.Place place = devices.resolve(chunk.device(), chunk.block() + blocksFrom);
    Checked.range(place.source(), place.offset(), bytes, "chunk");
    return new Extent.Plain(start, length, place.source(), place.offset());
  }

  private long blockSize() {
    return 1L << blockBits;
  }

  private long inBlock(long at) {
    return at & blockSize() - 1;
  }

  private Chunk chunk(MemorySegment entries, int index) {
    long at = (long) index * format.entrySize();
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

  /** Whether {@code other} lies {@code blocks} behind {@code chunk}, on the same device. */
  private boolean continues(Chunk chunk, Chunk other, long blocks) {
    if (chunk.hole || other.hole) {
      return chunk.hole && other.hole;
    }
    return chunk.device == other.device
        && other.block == chunk.block + blocks
        && devices.together(chunk.device, chunk.block, other.block);
  }

  private record Chunk(int device, long block, boolean hole) {}
}
