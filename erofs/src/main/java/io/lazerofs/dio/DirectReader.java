package io.lazerofs.dio;

import io.lazerofs.erofs.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The loop that reads a range of a file extent by extent, for buffered reads and for direct ones.
 *
 * <p>All of a range is read or none: a part that fails fails the whole, and a read is short only at
 * the end of the file.
 */
public final class DirectReader {
  /**
   * What the offset and the length of a direct read from a device must be multiples of: the logical
   * block of a loop device. Large reads reach a FUSE server in parts that are aligned to no more
   * than that when the user's buffer is.
   */
  public static final int ALIGNMENT = 512;

  private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

  private DirectReader() {}

  /**
   * Reads a range, clipped to the end of the file.
   *
   * @param direct whether the parts that lie on a device as they are must be aligned. A part is
   *     judged before it is clipped, against the extent's whole blocks; inline data, holes and
   *     whatever is past the end of the file are not judged
   * @param buffer at least {@code length} bytes
   * @return the bytes: the source's own memory when one extent holds them all and the source gives
   *     it, otherwise the first part of {@code buffer}
   * @throws MisalignedException when a direct read does not fit the blocks
   */
  public static MemorySegment read(
      MappedFile file, long offset, int length, boolean direct, MemorySegment buffer)
      throws IOException {
    long size = file.size();
    // The end of the file comes first: past it nothing is misaligned.
    if (length == 0 || offset >= size) {
      return NOTHING;
    }
    int wanted = (int) Math.min(length, size - offset);
    for (int done = 0; done < wanted; ) {
      long at = offset + done;
      Extent extent = file.extent(at);
      long piece = Math.min(restOf(extent, at), length - done);
      if (direct && extent instanceof Extent.Plain && ((at | piece) & ALIGNMENT - 1) != 0) {
        throw new MisalignedException(at, piece);
      }
      int useful = (int) Math.min(piece, wanted - done);
      if (useful == wanted && extent instanceof Extent.Plain plain) {
        MemorySegment view = plain.source().view(plain.physical() + at - plain.offset(), useful);
        if (view.byteSize() == useful) {
          return view;
        }
      }
      if (extent instanceof Extent.Compressed || extent instanceof Extent.Fragment) {
        // None of a compressed file's extents is judged, so that the rest needs no look at each.
        file.decode(at, buffer.asSlice(done, wanted - done));
        break;
      }
      fill(extent, at, buffer.asSlice(done, useful));
      done += useful;
    }
    return buffer.asSlice(0, wanted);
  }

  /** Returns how many bytes of the extent follow from {@code at} on, at least 1. */
  private static long restOf(Extent extent, long at) throws IOException {
    long before = at - extent.offset();
    if (before < 0 || before >= extent.length()) {
      throw new IOException("the extent for byte " + at + " does not hold it: " + extent);
    }
    return extent.length() - before;
  }

  private static void fill(Extent extent, long at, MemorySegment destination) throws IOException {
    switch (extent) {
      case Extent.Plain plain ->
          plain.source().read(plain.physical() + at - plain.offset(), destination);
      case Extent.Inline inline ->
          inline.source().read(inline.physical() + at - inline.offset(), destination);
      case Extent.Hole _ -> destination.fill((byte) 0);
      case Extent.Compressed _, Extent.Fragment _ ->
          throw new IllegalArgumentException("not stored as it is: " + extent);
    }
  }
}
