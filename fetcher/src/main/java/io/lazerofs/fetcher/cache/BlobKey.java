package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;

/**
 * What a blob is filed under. The size belongs to it: a manifest that gives a wrong size for a
 * digest gets a blob of its own and spoils nobody else's.
 *
 * @param size in bytes
 */
record BlobKey(Digest digest, long size) {

  /** Returns the first part of the blob's file names. */
  String fileName() {
    return digest.hex() + "." + size;
  }

  @Override
  public String toString() {
    return digest + " (" + size + " bytes)";
  }
}
