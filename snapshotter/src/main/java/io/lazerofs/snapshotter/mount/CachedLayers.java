package io.lazerofs.snapshotter.mount;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.snapshotter.store.LayerRecord;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Layers whose bytes are in a blob cache. */
public final class CachedLayers implements LayerStorage {
  private static final Logger log = LoggerFactory.getLogger(CachedLayers.class);

  private final BlobCache cache;

  public CachedLayers(BlobCache cache) {
    this.cache = cache;
  }

  @Override
  public void keepOnly(List<LayerRecord> layers) throws IOException {
    Set<BlobKey> wanted = new HashSet<>();
    for (LayerRecord layer : layers) {
      try {
        wanted.add(new BlobKey(layer.blob(), layer.size(), layer.verity()));
      } catch (IllegalArgumentException e) {
        log.debug("layer {} has no blob that could be kept", layer.index(), e);
      }
    }
    long freed = cache.prune(wanted::contains);
    if (freed > 0) {
      log.info("{} bytes of layers that no snapshot needs are given back to the disk", freed);
    }
  }
}
