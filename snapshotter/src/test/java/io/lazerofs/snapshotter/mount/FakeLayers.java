package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Remote layers out of memory, which count how often they are asked for. */
public final class FakeLayers implements LayerSource {

  /** How one blob answers. */
  @FunctionalInterface
  public interface Behaviour {
    Answer answer() throws Unavailable, IOException;
  }

  public final AtomicInteger opened = new AtomicInteger();
  public final AtomicInteger reopened = new AtomicInteger();
  private final Map<Digest, Behaviour> blobs = new ConcurrentHashMap<>();

  public void put(Digest blob, Behaviour behaviour) {
    blobs.put(blob, behaviour);
  }

  /** Whether layers without a hash tree are refused. */
  public volatile boolean strict;

  @Override
  public boolean accepts(Optional<VerityRoot> verity) {
    return verity.isPresent() || !strict;
  }

  @Override
  public Answer open(Digest blob, Optional<VerityRoot> verity, String image)
      throws Unavailable, IOException {
    opened.incrementAndGet();
    Behaviour behaviour = blobs.get(blob);
    if (behaviour == null) {
      throw new Unavailable("no blob " + blob);
    }
    return behaviour.answer();
  }

  @Override
  public OpenLayer reopen(LayerRecord layer) throws IOException {
    reopened.incrementAndGet();
    try {
      return switch (open(layer.blob(), layer.verity(), layer.images().getFirst())) {
        case Answer.Image(OpenLayer opened) -> opened;
        case Answer.Ordinary ordinary -> throw new IOException(ordinary.detail());
      };
    } catch (Unavailable e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
