package io.lazerofs.snapshotter.daemon;

import io.lazerofs.snapshotter.mount.StateDirectory;
import io.lazerofs.snapshotter.store.SnapshotStore;
import io.lazerofs.snapshotter.upkeep.CacheUpkeep;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The cache of a daemon that does not run. Its root is locked until this is closed, so no daemon
 * starts on it meanwhile.
 */
public final class OfflineCache implements AutoCloseable {
  private final Resources resources = new Resources();
  private final CacheUpkeep upkeep;

  /**
   * Opens the cache.
   *
   * @throws IOException when there is none, or a daemon runs, which holds the lock
   */
  public OfflineCache(Configuration configuration) throws IOException {
    if (!Files.isDirectory(configuration.root())) {
      throw new IOException(configuration.root() + ": no snapshotter has kept state here");
    }
    try {
      upkeep = open(configuration, StateDirectory.open(configuration.root()));
    } catch (IOException | RuntimeException e) {
      resources.close();
      throw e;
    }
  }

  private CacheUpkeep open(Configuration configuration, StateDirectory directory)
      throws IOException {
    resources.add("the lock of the root", RootLock.takeUnused(directory.lock()));
    SnapshotStore store =
        resources.add(
            "the snapshot store", SnapshotStore.open(directory.database(), InstantSource.system()));
    ExecutorService background =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("cache-", 0).factory());
    resources.add("the checks", background::shutdownNow);
    return new CacheUpkeep(
        CacheParts.open(configuration.cache(), directory, resources, background), store);
  }

  /** Returns what can be done with it. */
  public CacheUpkeep upkeep() {
    return upkeep;
  }

  @Override
  public void close() {
    resources.close();
  }
}
