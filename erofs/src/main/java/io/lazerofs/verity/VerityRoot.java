package io.lazerofs.verity;

import io.lazerofs.source.Digest;

/**
 * What a manifest says of the hash tree of a layer; nothing else has to be trusted.
 *
 * @param hash the root hash: that of the tree's only block of the highest level, salted
 * @param hashOffset where the tree's superblock is in the blob: the length of the data before it,
 *     bytes, a multiple of {@link VerityGeometry#BLOCK_BYTES} and not 0
 */
public record VerityRoot(Digest hash, long hashOffset) {

  /** Checks the offset, which comes from outside. */
  public VerityRoot {
    if (hashOffset <= 0 || hashOffset % VerityGeometry.BLOCK_BYTES != 0) {
      throw new IllegalArgumentException("no place of a hash tree: " + hashOffset);
    }
  }

  /** Returns where the blocks of the tree are. */
  public VerityGeometry geometry() {
    return new VerityGeometry(hashOffset);
  }
}
