package io.lazerofs.fetcher.cache;

import static io.lazerofs.verity.VerityGeometry.BLOCK_BYTES;

import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityGeometry;
import io.lazerofs.verity.VerityRoot;
import io.lazerofs.verity.VeritySuperblock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The hash tree of one blob: where its blocks are, and its superblock once that is verified. Safe
 * for use by many threads at once.
 *
 * <p>The superblock and the block of the highest level are its top. No hash covers the superblock,
 * but the root hash is that of the highest block with the salt that the superblock names: the two
 * are right together, so they are verified and become present together. Of the superblock that
 * leaves its UUID, on which nothing depends, to the digest of the whole blob.
 */
final class HashTree {
  private final Digest rootHash;
  private final VerityGeometry geometry;
  private final AtomicReference<VeritySuperblock> superblock = new AtomicReference<>();

  HashTree(VerityRoot root) {
    this.rootHash = root.hash();
    this.geometry = root.geometry();
  }

  Digest rootHash() {
    return rootHash;
  }

  VerityGeometry geometry() {
    return geometry;
  }

  /** Returns where the superblock is. */
  long superblockOffset() {
    return geometry.hashOffset();
  }

  /** Returns where the block is whose hash is the root hash; with no level that is the data. */
  long rootOffset() {
    return geometry.levels() == 0 ? 0 : superblockOffset() + BLOCK_BYTES;
  }

  long topStart() {
    return Math.min(rootOffset(), superblockOffset());
  }

  long topEnd() {
    return topStart() + 2L * BLOCK_BYTES;
  }

  boolean isTop(long offset) {
    return offset >= topStart() && offset < topEnd();
  }

  /** Returns the end of the part of the blob whose blocks are at the level of this one. */
  long runEnd(long offset) {
    if (isTop(offset)) {
      return topEnd();
    }
    int level = geometry.levelOf(offset);
    return level < 0 ? superblockOffset() : geometry.levelOffset(level - 1);
  }

  /** Returns the superblock if it was verified since the blob was opened. */
  Optional<VeritySuperblock> superblock() {
    return Optional.ofNullable(superblock.get());
  }

  void setSuperblock(VeritySuperblock verified) {
    superblock.set(verified);
  }
}
