package io.lazerofs.snapshotter.store;

import java.io.IOException;

/** The file of the store is no database, or not a whole one. */
public final class DamagedStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedStoreException(String message) {
    super("snapshot database: " + message);
  }
}
