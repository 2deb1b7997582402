package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.LayerRecord;
import java.io.IOException;
import java.util.List;

/** Where bytes of layers are kept on this machine. Safe for use by many threads. */
@FunctionalInterface
public interface LayerStorage {
  /** Keeps nothing. */
  LayerStorage NONE = _ -> {};

  /**
   * Gives the disk back what is kept of other blobs, except of those that are open.
   *
   * @param layers all that are on record
   */
  void keepOnly(List<LayerRecord> layers) throws IOException;
}
