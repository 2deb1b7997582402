package io.lazerofs.dio;

import io.lazerofs.erofs.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A file as a sequence of extents. */
public interface MappedFile {

  /** Returns the number of bytes in the file. */
  long size();

  /**
   * Returns the extent that holds the byte at {@code offset}.
   *
   * @param offset from 0 to before the end of the file
   */
  Extent extent(long offset) throws IOException;

  /**
   * Fills {@code destination} with the bytes from {@code offset} on of a file that has an {@link
   * Extent.Compressed} or {@link Extent.Fragment} there, across as many extents as it takes.
   */
  void decode(long offset, MemorySegment destination) throws IOException;
}
