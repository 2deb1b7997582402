package io.lazerofs.snapshotter.mount;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.snapshotter.store.CrashPoint;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A snapshotter with all its parts but a mount and a registry. */
public final class TestSnapshotter implements AutoCloseable {
  public final StateDirectory directory;
  public final SnapshotStore store;
  public final LayerTable table;
  public final Fallbacks fallbacks = new Fallbacks();
  public final SetAside setAside = new SetAside();
  public final LazyLayers layers;
  public final Snapshotter snapshotter;

  /** What is told of the layers on record by a cleanup. */
  public volatile LayerStorage storage = LayerStorage.NONE;

  /** What waits for replies that are being made; there are none without a mount. */
  public volatile Runnable quiesce = () -> {};

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  public TestSnapshotter(Path root, LayerSource source) throws IOException {
    this(root, source, CrashPoint.Hook.NONE);
  }

  /** Opens a root as a daemon does that starts. */
  TestSnapshotter(Path root, LayerSource source, CrashPoint.Hook crash) throws IOException {
    InstantSource clock = InstantSource.system();
    directory = StateDirectory.open(root, crash);
    store = new Recovery(directory, setAside).open(clock, crash);
    table = new LayerTable(clock, DirectIoSettings.DEFAULT);
    layers =
        new LazyLayers(store, source, table, fallbacks, LayerListener.NONE, setAside, executor);
    layers.mounted(() -> quiesce.run());
    snapshotter =
        new Snapshotter(
            store,
            directory,
            layers,
            new OverlayMounts(directory, OverlayFeatures.ALL),
            all -> storage.keepOnly(all));
  }

  /** Does what a daemon does once it is open. */
  void recover() throws SnapshotException, IOException {
    new Recovery(directory, setAside).reconcile(store);
    layers.recover();
    snapshotter.cleanup();
  }

  @Override
  public void close() throws IOException {
    layers.close();
    executor.close();
    store.close();
  }
}
