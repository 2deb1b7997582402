package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.util.Optional;

/**
 * What a blob is filed under: all that a manifest says of its bytes. A manifest that gives a wrong
 * size or a wrong hash tree for a digest gets a blob of its own and spoils nobody else's.
 *
 * @param size in bytes
 * @param verity the hash tree that the blob ends with, by which each block is verified before it is
 *     present; empty when it has none
 */
public record BlobKey(Digest digest, long size, Optional<VerityRoot> verity) {

  /** Checks that the tree, if there is one, is all that the blob holds but for its data. */
  public BlobKey {
    if (size < 0) {
      throw new IllegalArgumentException("size " + size);
    }
    if (verity.isPresent() && verity.get().geometry().end() != size) {
      throw new IllegalArgumentException(
          "blob %s: a hash tree at %d ends at %d, and the blob at %d"
              .formatted(digest, verity.get().hashOffset(), verity.get().geometry().end(), size));
    }
  }

  /** Makes the key of a blob without a hash tree. */
  public BlobKey(Digest digest, long size) {
    this(digest, size, Optional.empty());
  }

  /** Returns the first part of the blob's file names. */
  String fileName() {
    return digest.hex()
        + "."
        + size
        + verity.map(root -> "." + root.hash().hex() + "." + root.hashOffset()).orElse("");
  }

  @Override
  public String toString() {
    return digest + " (" + size + " bytes)";
  }
}
