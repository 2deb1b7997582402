package io.lazerofs.fuse;

import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A source of a test of which nothing matters but how its fills end. */
record Filling(Fill fill) implements ByteSource {

  /** Returns when the bytes are there, or throws. */
  interface Fill {
    void run() throws IOException;
  }

  /** Returns what a read throws whose bytes that fill brings. */
  static AbsentException absent(Fill fill) {
    return new AbsentException(new Filling(fill), 0, 1);
  }

  @Override
  public long size() {
    return 1;
  }

  @Override
  public void read(long offset, MemorySegment destination) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void fill(long offset, long length) throws IOException {
    fill.run();
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
