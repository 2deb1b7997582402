package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.Algorithm;
import io.lazerofs.source.ByteSource;

/**
 * A run of a file's bytes that sits in one place. {@link Hole} and {@link Plain} of uncompressed
 * files consist of whole blocks, so the last one may reach past the end of the file to the end of
 * the block; all others end with the file at the latest, and begin and end anywhere.
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
   * @param source what holds the inode: the primary device or the metabox inode's content
   * @param physical the byte of {@code source} that {@code offset} is at
   */
  record Inline(long offset, long length, ByteSource source, long physical) implements Extent {}

  /**
   * The bytes that one pcluster of a compressed file stands for; they are had by decoding it.
   *
   * @param source the device that the pcluster is on
   * @param physical the pcluster's first byte on {@code source}
   * @param stored bytes that the pcluster takes there
   * @param encoding how
   * @param partial whether it may decode to more than {@code length} bytes
   */
  record Compressed(
      long offset,
      long length,
      ByteSource source,
      long physical,
      int stored,
      Encoding encoding,
      boolean partial)
      implements Extent {}

  /**
   * Bytes that stand in the content of the packed inode, together with those of other files.
   *
   * @param packedOffset the byte of the packed inode that {@code offset} is at
   */
  record Fragment(long offset, long length, long packedOffset) implements Extent {}

  /** What a pcluster's bytes are. */
  sealed interface Encoding {

    /**
     * The bytes as they are, because compressing gained nothing.
     *
     * @param interlaced whether they stand as in the file within each block: what is at offset
     *     {@code a} of the file is at offset {@code a} modulo the block size; otherwise they begin
     *     where the pcluster does
     */
    record Verbatim(boolean interlaced) implements Encoding {}

    /** A stream of an algorithm. */
    record Coded(Algorithm algorithm) implements Encoding {}
  }
}
