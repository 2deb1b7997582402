package io.lazerofs.snapshotter.daemon;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.CacheLimits;
import io.lazerofs.snapshotter.mount.StateDirectory;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** How a cache is opened as it is configured, by the daemon and by who works while none runs. */
final class CacheParts {
  private CacheParts() {}

  /**
   * Opens the cache, which is closed with {@code resources}.
   *
   * @param background runs evictions, and checks of whole blobs
   */
  static BlobCache open(
      Configuration.Cache settings,
      StateDirectory directory,
      Resources resources,
      Executor background)
      throws IOException {
    ScheduledExecutorService scheduler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("cache-flush").factory());
    resources.add("the scheduler", scheduler::shutdownNow);
    CacheLimits limits =
        new CacheLimits(settings.maxBytes(), settings.highWatermark(), settings.lowWatermark());
    return resources.add(
        "the cache",
        BlobCache.open(
            settings.directory().orElse(directory.cache()), limits, scheduler, background));
  }
}
