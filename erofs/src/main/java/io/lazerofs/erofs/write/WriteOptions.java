package io.lazerofs.erofs.write;

import io.lazerofs.erofs.codec.Compression;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How an image is written. The bytes of an image depend on all of these but {@code threads}.
 *
 * @param blockBits binary logarithm of the block size in bytes, 9 to 16; the kernel mounts images
 *     whose blocks are no larger than its pages
 * @param compression how regular files are compressed; those that do not shrink are stored as they
 *     are
 * @param pclusterBytes the largest compressed extent in the image: a multiple of the block size, at
 *     most {@link #MAX_PCLUSTER}, of which blocks of 512 bytes use all but the last; meaningless
 *     without compression
 * @param chunkBytes regular files are mapped by chunks of this size: a block times a power of two,
 *     at most {@link #MAX_CHUNK}, with {@code dedupe} {@link #MAX_DEDUPED_CHUNK}; not together with
 *     compression
 * @param dedupe whether equal content is stored once: chunks ({@link #DEFAULT_CHUNK} large if not
 *     said otherwise), with compression pclusters
 * @param direct files that are stored uncompressed and aligned to blocks, for direct reads
 * @param threads how many threads compress and compare content, besides the one that reads it
 */
public record WriteOptions(
    int blockBits,
    Optional<Compression> compression,
    int pclusterBytes,
    OptionalInt chunkBytes,
    boolean dedupe,
    List<PathPattern> direct,
    int threads) {

  /** The largest compressed extent when none is asked for, bytes. */
  public static final int DEFAULT_PCLUSTER = 64 << 10;

  /** The largest compressed extent that the kernel takes, bytes. */
  public static final int MAX_PCLUSTER = 1 << 20;

  /** The chunks that are compared when no size is asked for, bytes. */
  public static final int DEFAULT_CHUNK = 64 << 10;

  /** The largest chunk, bytes. */
  public static final int MAX_CHUNK = 1 << 30;

  /** The largest chunk that is compared with others, and so held in memory, bytes. */
  public static final int MAX_DEDUPED_CHUNK = 16 << 20;

  private static final int MIN_BLOCK_BITS = 9;
  private static final int MAX_BLOCK_BITS = 16;
  private static final int DEFAULT_BLOCK_BITS = 12;

  /**
   * Checks each option, and each against the others.
   *
   * @throws IllegalArgumentException when they do not go together; the message is for users
   */
  public WriteOptions {
    direct = List.copyOf(direct);
    check(
        blockBits >= MIN_BLOCK_BITS && blockBits <= MAX_BLOCK_BITS,
        "the block size must be a power of two from 512 to 65536");
    check(threads > 0, "at least one thread is needed");
    if (compression.isPresent()) {
      check(chunkBytes.isEmpty(), "chunks cannot be compressed: give a chunk size or an algorithm");
      check(
          pclusterBytes > 0 && pclusterBytes % (1 << blockBits) == 0,
          "the pcluster size must be a multiple of the block size");
      check(pclusterBytes <= MAX_PCLUSTER, "the pcluster size must be 1 MiB or less");
    }
    if (chunkBytes.isPresent()) {
      int chunk = chunkBytes.getAsInt();
      check(
          chunk >= 1 << blockBits && Integer.bitCount(chunk) == 1,
          "the chunk size must be the block size times a power of two");
      check(chunk <= MAX_CHUNK, "the chunk size must be 1 GiB or less");
      check(
          !dedupe || chunk <= MAX_DEDUPED_CHUNK,
          "the chunk size must be 16 MiB or less where chunks are compared");
    }
  }

  /** Returns those of an image that is not compressed: blocks of 4096 bytes, all processors. */
  public static WriteOptions defaults() {
    return new WriteOptions(
        DEFAULT_BLOCK_BITS,
        Optional.empty(),
        DEFAULT_PCLUSTER,
        OptionalInt.empty(),
        false,
        List.of(),
        Runtime.getRuntime().availableProcessors());
  }

  /** Returns the size of a block, bytes. */
  public int blockSize() {
    return 1 << blockBits;
  }

  /** Returns these with another block size. */
  public WriteOptions withBlockBits(int changed) {
    return new WriteOptions(
        changed, compression, pclusterBytes, chunkBytes, dedupe, direct, threads);
  }

  /** Returns these with compression into extents of at most {@code pcluster} bytes. */
  public WriteOptions withCompression(Compression changed, int pcluster) {
    return new WriteOptions(
        blockBits, Optional.of(changed), pcluster, chunkBytes, dedupe, direct, threads);
  }

  /** Returns these with files mapped by chunks of {@code changed} bytes. */
  public WriteOptions withChunks(int changed) {
    return new WriteOptions(
        blockBits, compression, pclusterBytes, OptionalInt.of(changed), dedupe, direct, threads);
  }

  /** Returns these with equal content stored once, or not. */
  public WriteOptions withDedupe(boolean changed) {
    return new WriteOptions(
        blockBits, compression, pclusterBytes, chunkBytes, changed, direct, threads);
  }

  /** Returns these with other files for direct reads. */
  public WriteOptions withDirect(List<PathPattern> changed) {
    return new WriteOptions(
        blockBits, compression, pclusterBytes, chunkBytes, dedupe, changed, threads);
  }

  /** Returns these with another number of threads. */
  public WriteOptions withThreads(int changed) {
    return new WriteOptions(
        blockBits, compression, pclusterBytes, chunkBytes, dedupe, direct, changed);
  }

  /**
   * Whether a file is stored for direct reads.
   *
   * @param path the names from the root on, one character a byte
   */
  boolean isDirect(List<String> path) {
    return direct.stream().anyMatch(pattern -> pattern.matches(path));
  }

  /** Returns the blocks of the largest pcluster: as many as an index can express, at most. */
  int pclusterBlocks() {
    return Math.min(pclusterBytes >> blockBits, Extents.MAX_BLOCKS);
  }

  private static void check(boolean holds, String problem) {
    if (!holds) {
      throw new IllegalArgumentException(problem);
    }
  }
}
