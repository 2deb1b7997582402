package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.util.Optional;

/**
 * Where the blobs of remote layers come from. Calls may wait for a network; implementations are
 * safe for use by many threads.
 */
public interface LayerSource {

  /** What a blob turned out to be. */
  sealed interface Answer {

    /** An EROFS image, which the receiver has to close. */
    record Image(OpenLayer layer) implements Answer {}

    /** Something that has to be downloaded and unpacked, and why. */
    record Ordinary(Fallback reason, String detail) implements Answer {}
  }

  /**
   * Whether a layer may be served as far as its hash tree is concerned.
   *
   * @param verity the tree, or empty when the layer has none
   */
  boolean accepts(Optional<VerityRoot> verity);

  /**
   * Looks at a blob and opens it when it is an EROFS image.
   *
   * @param verity the hash tree that the blob ends with, by which all that is served of it is
   *     verified; empty when it has none
   * @param image the reference of an image that contains the blob
   * @throws Unavailable when it cannot be told now what the blob is
   * @throws IOException when this machine fails
   */
  Answer open(Digest blob, Optional<VerityRoot> verity, String image)
      throws Unavailable, IOException;

  /**
   * Opens a blob that was opened before, from what is present of it; the registry is asked only for
   * what is not.
   *
   * @throws IOException when it cannot be opened, or may not be served any more
   */
  OpenLayer reopen(LayerRecord layer) throws IOException;
}
