package io.lazerofs.erofs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Reads the content of inodes, extent by extent. */
final class ContentReader {
  private final ExtentMapper mapper;

  ContentReader(ExtentMapper mapper) {
    this.mapper = mapper;
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
    int done = 0;
    while (done < length) {
      long at = offset + done;
      Extent extent = mapper.map(inode, at, length - done);
      long rest = extent.length() - (at - extent.offset());
      MemorySegment part = destination.asSlice(done, Math.min(length - done, rest));
      switch (extent) {
        case Extent.Hole _ -> part.fill((byte) 0);
        case Extent.Plain plain ->
            plain.source().read(plain.physical() + (at - plain.offset()), part);
        case Extent.Inline inline ->
            inline.source().read(inline.physical() + (at - inline.offset()), part);
        case Extent.Compressed _, Extent.Fragment _ -> throw compressed(inode);
      }
      done += (int) part.byteSize();
    }
    return length;
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

  /** Returns the exception for reading the content of an inode whose layout is compressed. */
  static UnsupportedFeatureException compressed(Inode inode) {
    return new UnsupportedFeatureException("data layout " + inode.layout(), inode.layout().code());
  }
}
