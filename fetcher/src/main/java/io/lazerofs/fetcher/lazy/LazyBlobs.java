package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Opens blobs of registries over one cache.
 *
 * <p>A blob may be opened more than once, each time with a source of its own (two images that share
 * a layer): what one fetches the other finds present, and what is under way for one the other
 * joins. When the source of one fails, the other goes on with its own.
 *
 * <p>Safe for use by many threads at once.
 */
public final class LazyBlobs {
  /** Two or three round trips of readers: so long does what is ahead of them give way. */
  private static final Duration PATIENCE = Duration.ofMillis(50);

  private final BlobCache cache;
  private final FetchPolicy policy;
  private final Executor executor;
  private final FetchStatistics statistics;
  private final Flights flights = new Flights();
  private final Lanes lanes;

  /**
   * @param cache where bytes are kept; outlives the blobs
   * @param executor runs each fetch, which blocks, on a virtual thread of its own
   * @param statistics counts for all blobs together
   */
  public LazyBlobs(
      BlobCache cache, FetchPolicy policy, Executor executor, FetchStatistics statistics) {
    this.cache = cache;
    this.policy = policy;
    this.executor = executor;
    this.statistics = statistics;
    this.lanes = new Lanes(policy.aheadConnections(), PATIENCE, System::nanoTime);
  }

  /**
   * Opens a blob; nothing is fetched yet. The caller closes it.
   *
   * @param key what the manifest says of it
   * @param source gives what is absent
   * @throws IOException when the cache cannot open it
   */
  public LazyBlob open(BlobKey key, RangeReader source) throws IOException {
    var blob = cache.blob(key);
    return new LazyBlob(
        blob,
        new Fetcher(blob, source, policy, flights, lanes, executor, statistics),
        new ReadAhead(key.size(), policy),
        executor,
        statistics);
  }
}
