package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Remote layers that are all the tiny image, and counted from their opening to their closing. */
public final class CountedLayers implements LayerSource {
  private final AtomicInteger open = new AtomicInteger();

  /** Returns how many were opened and not closed. */
  public int open() {
    return open.get();
  }

  @Override
  public boolean accepts(Optional<VerityRoot> verity) {
    return true;
  }

  @Override
  public Answer open(Digest blob, Optional<VerityRoot> verity, String image) throws IOException {
    return new Answer.Image(tiny());
  }

  @Override
  public OpenLayer reopen(LayerRecord layer) throws IOException {
    return tiny();
  }

  private OpenLayer tiny() throws IOException {
    if (!(TinyImage.answer() instanceof Answer.Image(OpenLayer layer))) {
      throw new AssertionError("the tiny image is one");
    }
    open.incrementAndGet();
    return new OpenLayer(
        layer.image(),
        layer.owner(),
        new Counted(layer.source()),
        layer.present(),
        layer.verified());
  }

  private final class Counted implements ByteSource {
    private final ByteSource source;
    private final AtomicBoolean closed = new AtomicBoolean();

    Counted(ByteSource source) {
      this.source = source;
    }

    @Override
    public long size() {
      return source.size();
    }

    @Override
    public void read(long offset, MemorySegment destination) throws IOException {
      source.read(offset, destination);
    }

    @Override
    public void fill(long offset, long length) throws IOException {
      source.fill(offset, length);
    }

    @Override
    public void close() throws IOException {
      if (!closed.compareAndSet(false, true)) {
        throw new IOException("closed twice");
      }
      open.decrementAndGet();
      source.close();
    }
  }
}
