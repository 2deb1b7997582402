package io.lazerofs.erofs;

import io.lazerofs.source.ByteSource;

/**
 * A run of a file's bytes that sits in one place. All but {@link Inline} consist of whole blocks,
 * so the last one of a file may reach past its end to the end of the block.
 */
public sealed interface Extent {

  /** Returns the first byte of the run in the file. */
  long offset();

  /** Returns the number of bytes in the run, at least 1. */
  long length();

  /** Zeros that are stored nowhere. */
  record Hole(long offset, long length) implements Extent {}

  /**
   * Blocks of a device, as they are.
   *
   * @param source the device; it holds at least those bytes of the run that are in the file
   * @param physical the byte of {@code source} that {@code offset} is at
   */
  record Plain(long offset, long length, ByteSource source, long physical) implements Extent {}

  /**
   * The end of a file, stored beside its inode within one block and aligned to nothing.
   *
   * @param source the primary device
   * @param physical the byte of {@code source} that {@code offset} is at
   */
  record Inline(long offset, long length, ByteSource source, long physical) implements Extent {}

  /** Blocks that are compressed: their bytes cannot be read from a device as they are. */
  record Compressed(long offset, long length) implements Extent {}
}
