package io.lazerofs.snapshotter.store;

import java.io.IOException;

/** One row on record that nothing can be made of; the message says which, and what is wrong. */
public final class DamagedRecordException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedRecordException(String message) {
    super("snapshot database: damaged record: " + message);
  }
}
