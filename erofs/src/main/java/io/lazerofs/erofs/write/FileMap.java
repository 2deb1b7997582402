package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.BlockAddress;
import io.lazerofs.erofs.disk.ChunkFormat;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.FullIndex;
import io.lazerofs.erofs.disk.LclusterType;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.MapHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Encodes what lies behind the inode of a regular file and says where its content is: the map of a
 * chunk-based file, or the index of a compressed one.
 *
 * @param algorithm code of the one algorithm of the image
 * @param bigPclusters whether pclusters may have several blocks
 */
record FileMap(int blockBits, int algorithm, boolean bigPclusters) {
  private static final int BUFFER = 4096;

  /** The bits of the map header's last byte in which lclusters are as large as blocks. */
  private static final int LCLUSTERS_ARE_BLOCKS = 0;

  /** Takes bytes in order. */
  interface Output {
    void write(byte[] bytes, int start, int length) throws IOException;
  }

  /** Writes the map of a file, as long as its shape says. */
  void write(Content content, Shape shape, Output output) throws IOException {
    switch (content) {
      case Content.Flat _ -> {}
      case Content.Chunked chunked -> writeChunks(chunked, output);
      case Content.Compressed compressed -> writeIndex(compressed, shape, output);
    }
  }

  /** Writes the block address of each chunk, or that it is a hole. */
  private void writeChunks(Content.Chunked content, Output output) throws IOException {
    long chunks = new ChunkPlan(blockBits, content.chunkBits()).chunks(content.size());
    long next = 0;
    for (Content.Run run : content.runs()) {
      writeAddresses(run.first() - next, BlockAddress.HOLE_32, 0, output);
      writeAddresses(run.count(), run.block(), 1L << content.chunkBits(), output);
      next = run.first() + run.count();
    }
    writeAddresses(chunks - next, BlockAddress.HOLE_32, 0, output);
  }

  private static void writeAddresses(long count, long first, long step, Output output)
      throws IOException {
    byte[] buffer = new byte[(int) Math.min(count * ChunkFormat.BLOCK_MAP_ENTRY_SIZE, BUFFER)];
    MemorySegment memory = MemorySegment.ofArray(buffer);
    long address = first;
    for (long left = count; left > 0; ) {
      int entries = (int) Math.min(left, BUFFER / ChunkFormat.BLOCK_MAP_ENTRY_SIZE);
      for (int i = 0; i < entries; i++) {
        LittleEndian.putU32(memory, (long) i * ChunkFormat.BLOCK_MAP_ENTRY_SIZE, address);
        address += step;
      }
      output.write(buffer, 0, entries * ChunkFormat.BLOCK_MAP_ENTRY_SIZE);
      left -= entries;
    }
  }

  private void writeIndex(Content.Compressed content, Shape shape, Output output)
      throws IOException {
    boolean compact = shape.layout() == DataLayout.COMPRESSED_COMPACT;
    int padding = shape.mapHeaderOffset() - shape.head();
    byte[] head = new byte[padding + MapHeader.SIZE + (compact ? 0 : FullIndex.RESERVED)];
    header(content, compact).encode(MemorySegment.ofArray(head), padding);
    output.write(head, 0, head.length);
    LclusterIndex index = new LclusterIndex(blockBits, content);
    if (compact) {
      int offset = shape.mapHeaderOffset() + MapHeader.SIZE;
      long entries = LclusterIndex.entries(content.size(), blockBits);
      CompactIndex packs = new CompactIndex(blockBits, offset, entries, bigPclusters, output);
      index.forEach(packs);
      packs.finish();
    } else {
      index.forEach(new FullEntries(output));
    }
  }

  private MapHeader header(Content.Compressed content, boolean compact) {
    int advise =
        compact && blockBits <= CompactIndex.MAX_SMALL_BLOCK_BITS ? MapHeader.COMPACTED_2B : 0;
    if (bigPclusters) {
      // A compact index wants both bits or none.
      advise |= MapHeader.BIG_PCLUSTER_1 | (compact ? MapHeader.BIG_PCLUSTER_2 : 0);
    }
    int tail = content.tail().length();
    advise |= tail > 0 ? MapHeader.INLINE_PCLUSTER : 0;
    return new MapHeader((long) tail << 16, advise, algorithm, LCLUSTERS_ARE_BLOCKS);
  }

  /** Writes the entries of a full index. */
  private final class FullEntries implements LclusterIndex.Sink {

    /** The distance back is capped below the flag; the distance on by its field. */
    private static final int MAX_BACK = FullIndex.BLOCK_COUNT - 1;

    private final Output output;
    private final byte[] entry = new byte[FullIndex.SIZE];

    FullEntries(Output output) {
      this.output = output;
    }

    @Override
    public void head(LclusterType type, int offset, long block) throws IOException {
      write(FullIndex.head(type, false, offset, block));
    }

    @Override
    public void nonHead(int back, int on, int blocks) throws IOException {
      boolean counts = bigPclusters && back == 1;
      int first = counts ? FullIndex.BLOCK_COUNT | blocks : Math.min(back, MAX_BACK);
      write(FullIndex.nonHead(first, Math.min(on, 0xffff)));
    }

    private void write(FullIndex index) throws IOException {
      index.encode(MemorySegment.ofArray(entry), 0);
      output.write(entry, 0, entry.length);
    }
  }
}
