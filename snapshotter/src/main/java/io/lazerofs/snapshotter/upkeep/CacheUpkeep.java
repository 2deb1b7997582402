package io.lazerofs.snapshotter.upkeep;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.cache.KeptBlob;
import io.lazerofs.fetcher.cache.ScrubReport;
import io.lazerofs.snapshotter.proto.CacheBlob;
import io.lazerofs.snapshotter.proto.CachePruneResponse;
import io.lazerofs.snapshotter.proto.CacheVerifyResponse;
import io.lazerofs.snapshotter.proto.WrongRange;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotStore;
import java.io.IOException;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A cache together with the record of who uses its blobs. Safe for use by many threads.
 *
 * <p>A blob is in use when a layer on record has it, open or not: one whose layer could not be
 * opened yet is not pruned.
 */
public final class CacheUpkeep {
  private final BlobCache cache;
  private final SnapshotStore store;

  /** Neither is closed by this. */
  public CacheUpkeep(BlobCache cache, SnapshotStore store) {
    this.cache = cache;
    this.store = store;
  }

  /** Returns what there is on disk, the least recently used first. */
  public List<CacheBlob> list() throws SnapshotException, IOException {
    Map<BlobKey, List<String>> images = images();
    return cache.list().stream()
        .sorted(Comparator.comparing(KeptBlob::lastUse))
        .map(blob ->
            CacheBlob.newBuilder()
                .setDigest(blob.key().digest().toString())
                .setSize(blob.key().size())
                .setPresentBytes(blob.presentBytes())
                .setAllocatedBytes(blob.allocatedBytes())
                .setLastUseMillis(blob.lastUse().toEpochMilli())
                .setVerified(blob.verified())
                .setOpen(blob.open())
                .addAllImages(images.getOrDefault(blob.key(), List.of()))
                .build())
        .toList();
  }

  /**
   * Removes the blobs that no layer uses.
   *
   * @param all whether to evict from those in use, too
   */
  public CachePruneResponse prune(boolean all) throws SnapshotException, IOException {
    Map<BlobKey, List<String>> images = images();
    long freed = all ? cache.evictAll() : cache.prune(images::containsKey);
    return CachePruneResponse.newBuilder().setFreedBytes(freed).build();
  }

  /** Verifies blob after blob as the iterator goes on; one that fails does not end it. */
  public Iterator<CacheVerifyResponse> verify() throws IOException {
    return cache.list().stream().map(this::verify).iterator();
  }

  private CacheVerifyResponse verify(KeptBlob blob) {
    CacheVerifyResponse.Builder response =
        CacheVerifyResponse.newBuilder().setDigest(blob.key().digest().toString());
    try {
      ScrubReport report = cache.scrub(blob);
      report
          .wrong()
          .forEach(range ->
              response.addWrong(
                  WrongRange.newBuilder().setStart(range.start()).setEnd(range.end())));
      return response
          .setRightBytes(report.rightBytes())
          .setUnverifiableBytes(report.unverifiableBytes())
          .build();
    } catch (IOException e) {
      return response.setFailure(e.toString()).build();
    }
  }

  /** Returns the references of images by the blobs that their layers on record have. */
  private Map<BlobKey, List<String>> images() throws SnapshotException, IOException {
    return store.transact(transaction -> transaction.layers().readable()).stream()
        .collect(Collectors.toMap(CacheUpkeep::key, LayerRecord::images, (one, same) -> one));
  }

  private static BlobKey key(LayerRecord layer) {
    return new BlobKey(layer.blob(), layer.size(), layer.verity());
  }
}
