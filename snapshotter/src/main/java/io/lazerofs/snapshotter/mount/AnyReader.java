package io.lazerofs.snapshotter.mount;

import io.lazerofs.fetcher.lazy.RangeReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Several places that have the same blob, as one: the next goes on where one failed. */
final class AnyReader implements RangeReader {
  private final List<RangeReader> readers;

  AnyReader(List<RangeReader> readers) {
    this.readers = List.copyOf(readers);
  }

  @Override
  public void read(long offset, long length, Sink sink) throws IOException {
    IOException failure = new IOException("no image is known that has the blob");
    Progress progress = new Progress(sink);
    for (RangeReader reader : readers) {
      try {
        reader.read(offset + progress.done, length - progress.done, progress);
        return;
      } catch (IOException e) {
        if (progress.refused || progress.done == length) {
          throw e;
        }
        failure = e;
      }
    }
    throw failure;
  }

  /** Hands pieces on, and knows how far they came and whether it was the sink that failed. */
  private static final class Progress implements Sink {
    private final Sink sink;
    private long done;
    private boolean refused;

    Progress(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void accept(ByteBuffer piece) throws IOException {
      int size = piece.remaining();
      refused = true;
      sink.accept(piece);
      refused = false;
      done += size;
    }
  }
}
