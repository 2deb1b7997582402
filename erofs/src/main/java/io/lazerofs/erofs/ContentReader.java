package io.lazerofs.erofs;

import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Prefetching;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Reads the content of inodes, extent by extent. Safe for use by many threads at once. */
final class ContentReader {
  private final ExtentMapper mapper;
  private final ClusterCache cache;
  private final Optional<ByteSource> packed;
  private final int blockSize;

  /**
   * @param packed the content of the packed inode; the extents of {@code mapper} that are fragments
   *     lie inside it
   */
  ContentReader(
      ExtentMapper mapper, ClusterCache cache, Optional<ByteSource> packed, int blockSize) {
    this.mapper = mapper;
    this.cache = cache;
    this.packed = packed;
    this.blockSize = blockSize;
  }

  /**
   * Fills {@code destination} from {@code offset} on, or to the end of the content.
   *
   * @param offset from 0
   * @return the number of bytes read
   */
  int read(Inode inode, long offset, MemorySegment destination) throws IOException {
    if (offset >= inode.size()) {
      return 0;
    }
    long room = Math.min(destination.byteSize(), Integer.MAX_VALUE);
    int length = (int) Math.min(room, inode.size() - offset);
    ExtentMapper.InodeMap map = mapper.map(inode);
    int done = 0;
    while (done < length) {
      long at = offset + done;
      Extent extent = map.extent(at, length - done);
      long rest = extent.length() - (at - extent.offset());
      MemorySegment part = destination.asSlice(done, Math.min(length - done, rest));
      switch (extent) {
        case Extent.Hole _ -> part.fill((byte) 0);
        case Extent.Plain plain ->
            plain.source().read(plain.physical() + (at - plain.offset()), part);
        case Extent.Inline inline ->
            inline.source().read(inline.physical() + (at - inline.offset()), part);
        case Extent.Compressed compressed -> decode(compressed, at - compressed.offset(), part);
        case Extent.Fragment fragment ->
            packed.orElseThrow().read(fragment.packedOffset() + (at - fragment.offset()), part);
      }
      done += (int) part.byteSize();
    }
    return length;
  }

  /**
   * Asks for what reading a range needs, as far as the content goes.
   *
   * @param most how many extents are looked up at most
   * @return the byte behind those that were asked for
   */
  long prefetch(Inode inode, long offset, long length, int most) throws IOException {
    long end = offset + Math.min(length, inode.size() - offset);
    ExtentMapper.InodeMap map = mapper.map(inode);
    Prefetching prefetching = new Prefetching();
    try {
      long at = offset;
      boolean taken = true;
      for (int looked = 0; at < end && taken && looked < most; looked++) {
        Extent extent = map.extent(at, end - at);
        long from = at - extent.offset();
        long wanted = Math.min(extent.length() - from, end - at);
        taken =
            switch (extent) {
              case Extent.Hole _ -> true;
              case Extent.Plain plain ->
                  prefetching.ask(plain.source(), plain.physical() + from, wanted);
              case Extent.Inline inline ->
                  prefetching.ask(inline.source(), inline.physical() + from, wanted);
              case Extent.Compressed compressed ->
                  prefetching.ask(compressed.source(), compressed.physical(), compressed.stored());
              case Extent.Fragment fragment ->
                  prefetching.ask(packed.orElseThrow(), fragment.packedOffset() + from, wanted);
            };
        at += taken ? wanted : 0;
      }
      return at;
    } finally {
      prefetching.end();
    }
  }

  /**
   * Returns a copy of bytes that the content must have.
   *
   * @param length bounded by the caller
   */
  MemorySegment exactly(Inode inode, long offset, int length) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
    if (!inode.hasContent() || read(inode, offset, bytes) < length) {
      throw new CorruptImageException(
          inode.xattrOffset(),
          "content of nid " + inode.nid(),
          length + " bytes from " + offset,
          inode.size());
    }
    return bytes;
  }

  private void decode(Extent.Compressed extent, long from, MemorySegment destination)
      throws IOException {
    switch (extent.encoding()) {
      case Extent.Encoding.Coded coded ->
          cache.read(extent, coded.algorithm(), (int) from, destination);
      case Extent.Encoding.Verbatim verbatim -> {
        if (verbatim.interlaced()) {
          readInterlaced(extent, from, destination);
        } else {
          extent.source().read(extent.physical() + from, destination);
        }
      }
    }
  }

  /**
   * Reads bytes of an interlaced pcluster: those up to the file's next block border stand at its
   * end, the others at its start (kernel: z_erofs_transform_plain in fs/erofs/decompressor.c).
   */
  private void readInterlaced(Extent.Compressed extent, long from, MemorySegment destination)
      throws IOException {
    long turn = blockSize - (extent.offset() & blockSize - 1);
    long first = Math.clamp(turn - from, 0, destination.byteSize());
    if (first > 0) {
      extent
          .source()
          .read(extent.physical() + extent.stored() - turn + from, destination.asSlice(0, first));
    }
    if (first < destination.byteSize()) {
      extent.source().read(extent.physical() + from + first - turn, destination.asSlice(first));
    }
  }
}
