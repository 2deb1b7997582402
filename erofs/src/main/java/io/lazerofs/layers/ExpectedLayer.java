package io.lazerofs.layers;

import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A layer that belongs to the table and is not open yet: to a request all of its bytes are absent,
 * so the request waits as one does for bytes, and asks again when the layer is open.
 *
 * <p>Safe for use by many threads.
 */
final class ExpectedLayer implements ByteSource {
  private static final Logger log = LoggerFactory.getLogger(ExpectedLayer.class);

  private final int index;
  private final LayerTable.Opener opener;
  private volatile boolean tried;

  ExpectedLayer(int index, LayerTable.Opener opener) {
    this.index = index;
    this.opener = opener;
  }

  int index() {
    return index;
  }

  /** Returns what makes a request wait until the layer is open. */
  AbsentException absent() {
    return new AbsentException(this, 0, 1);
  }

  /** Returns what makes a listing wait, which goes on without it when it cannot be opened. */
  AbsentException absentToListing() {
    return new AbsentException(new ExpectedLayer(index, this::openIfPossible), 0, 1);
  }

  private void openIfPossible(int unused) {
    try {
      fill(0, 1);
    } catch (IOException e) {
      log.debug("a listing goes without layer {}", index, e);
    }
  }

  /** Whether it was tried to open it: without success, if it is still expected. */
  boolean wasTried() {
    return tried;
  }

  @Override
  public void fill(long offset, long length) throws IOException {
    try {
      opener.open(index);
    } finally {
      tried = true;
    }
  }

  @Override
  public long size() {
    return 1;
  }

  @Override
  public void read(long offset, MemorySegment destination) throws IOException {
    throw absent();
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
