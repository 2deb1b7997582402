package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import java.io.IOException;

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
   * Looks at a blob and opens it when it is an EROFS image.
   *
   * @param image the reference of an image that contains the blob
   * @throws Unavailable when it cannot be told now what the blob is
   * @throws IOException when this machine fails
   */
  Answer open(Digest blob, String image) throws Unavailable, IOException;

  /**
   * Opens a blob that was opened before, from what is present of it; the registry is asked only for
   * what is not.
   *
   * @throws IOException when it cannot be opened
   */
  OpenLayer reopen(LayerRecord layer) throws IOException;
}
