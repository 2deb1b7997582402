package io.lazerofs.dio;

import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A run of a file's bytes that sits in one place, as a {@link Mapper} gives it
 * (include/linux/iomap.h, struct iomap).
 *
 * <p>A run may begin before the byte that was asked for, and the last one may reach past the end of
 * the file to the end of its block.
 */
public sealed interface Mapping {

  /** Returns the first byte of the run in the file. */
  long offset();

  /** Returns the number of bytes in the run, at least 1. */
  long length();

  /** Zeros that are stored nowhere (IOMAP_HOLE). */
  record Hole(long offset, long length) implements Mapping {}

  /**
   * Blocks of a device as they are (IOMAP_MAPPED): the only run whose direct reads are judged by
   * their alignment.
   *
   * @param physical the byte of {@code source} that {@code offset} is at
   */
  record Mapped(long offset, long length, ByteSource source, long physical) implements Mapping {}

  /**
   * Bytes among the metadata, aligned to nothing (IOMAP_INLINE).
   *
   * @param physical the byte of {@code source} that {@code offset} is at
   */
  record Inline(long offset, long length, ByteSource source, long physical) implements Mapping {}

  /** Bytes that are had by decoding, of one encoded piece or of many. */
  record Encoded(long offset, long length, Decoding decoding) implements Mapping {}

  /** Decodes the bytes of a file. */
  interface Decoding {

    /**
     * Fills {@code destination} with the file's bytes from {@code offset} on.
     *
     * @param offset within the run
     * @param destination ends with the run or the file at the latest
     */
    void decode(long offset, MemorySegment destination) throws IOException;

    /**
     * Asks for what decoding a range needs, and returns without waiting for it.
     *
     * @param offset within the run
     * @param length ends with the run or the file at the latest
     * @param most how many encoded pieces are looked up at most
     * @return the byte behind those that were asked for
     */
    long prefetch(long offset, long length, int most) throws IOException;
  }
}
