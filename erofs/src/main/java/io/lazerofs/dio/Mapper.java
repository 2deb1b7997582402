package io.lazerofs.dio;

import java.io.IOException;

/**
 * A file as direct I/O sees it: its size, and where its bytes are (include/linux/iomap.h, struct
 * iomap_ops). Safe for use by many threads.
 */
public interface Mapper {

  /** What a mapping is wanted for. */
  enum Operation {
    READ
  }

  /** Returns the number of bytes in the file. */
  long size();

  /** Returns the size of the file system's blocks, bytes. */
  int blockSize();

  /**
   * Returns the mapping that holds the byte at {@code offset}. Each one that was returned is given
   * back to {@link #end} once, also when the operation fails.
   *
   * @param offset from 0 to before the end of the file
   * @param length how many bytes from there on are wanted, at least 1; a mapping may hold fewer
   * @throws io.lazerofs.source.AbsentException when metadata that tells it is not on this machine
   */
  Mapping begin(long offset, long length, Operation operation) throws IOException;

  /**
   * Takes a mapping back after its part of the operation.
   *
   * @param offset as it was given to {@link #begin}
   * @param length likewise
   * @param done how many of those bytes were transferred; 0 after a failure
   */
  default void end(Mapping mapping, long offset, long length, long done, Operation operation)
      throws IOException {
    // A mapping of a file that never changes has nothing to give back.
  }
}
