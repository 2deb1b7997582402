package io.lazerofs.snapshotter.store;

import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.util.List;
import java.util.Optional;

/**
 * A lazy layer as it is on record: a blob that has a place in the mount.
 *
 * @param index its directory in the mount, 1 to {@link #LAST_INDEX}
 * @param generation how often the index has been given to a blob; a reused index never shows the
 *     inodes of the blob that had it before
 * @param blob the digest of the blob
 * @param size the size of the blob, bytes
 * @param verity the hash tree that the blob ends with, or empty when it has none
 * @param owner who owns the root directory of the layer
 * @param images references of images that contain the blob, any of which it can be fetched by; at
 *     least one
 */
public record LayerRecord(
    int index,
    long generation,
    Digest blob,
    long size,
    Optional<VerityRoot> verity,
    Owner owner,
    List<String> images) {

  /** The highest index: overlayfs keeps its own number in the bits of an inode number above it. */
  public static final int LAST_INDEX = 8191;

  public LayerRecord {
    images = List.copyOf(images);
  }

  /** The numbers of a user and a group. */
  public record Owner(int user, int group) {}
}
