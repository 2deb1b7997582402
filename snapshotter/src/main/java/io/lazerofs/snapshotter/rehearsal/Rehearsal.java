package io.lazerofs.snapshotter.rehearsal;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.FetchPolicy;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.snapshotter.cli.Lazerofs;
import io.lazerofs.snapshotter.daemon.Configuration;
import io.lazerofs.snapshotter.metrics.Health;
import io.lazerofs.snapshotter.mount.CachedLayers;
import io.lazerofs.snapshotter.mount.Fallbacks;
import io.lazerofs.snapshotter.mount.FileTree;
import io.lazerofs.snapshotter.mount.LayerListener;
import io.lazerofs.snapshotter.mount.LazyLayers;
import io.lazerofs.snapshotter.mount.OverlayFeatures;
import io.lazerofs.snapshotter.mount.OverlayMounts;
import io.lazerofs.snapshotter.mount.RegistryLayers;
import io.lazerofs.snapshotter.mount.SetAside;
import io.lazerofs.snapshotter.mount.Snapshotter;
import io.lazerofs.snapshotter.mount.StateDirectory;
import io.lazerofs.snapshotter.mount.Verify;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import io.lazerofs.snapshotter.proto.TraceResponse;
import io.lazerofs.snapshotter.service.DaemonService;
import io.lazerofs.snapshotter.service.SnapshotsService;
import io.lazerofs.snapshotter.service.SocketServer;
import io.lazerofs.snapshotter.store.SnapshotStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * The program of the build's rehearsal: pulls a sample image through a snapshotter in this process,
 * and asks for its status. It needs no root, mounts nothing, and leaves nothing behind.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /** Exits with 1 when a command fails. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("lazerofs-rehearsal-");
    try (SampleRegistry registry = SampleRegistry.start(directory)) {
      rehearse(directory, registry.image());
    } finally {
      FileTree.delete(directory);
    }
  }

  private static void rehearse(Path directory, String image) throws Exception {
    InstantSource clock = InstantSource.system();
    Configuration configuration = configuration(directory);
    Path socket = configuration.address();
    StateDirectory state = StateDirectory.open(configuration.root());
    try (var executor = Executors.newVirtualThreadPerTaskExecutor();
        var scheduler = Executors.newSingleThreadScheduledExecutor();
        var transport = HttpTransport.create(HttpSettings.defaults());
        var store = SnapshotStore.open(state.database(), clock);
        var cache = BlobCache.open(state.cache(), scheduler, executor)) {
      var blobs = new LazyBlobs(cache, FetchPolicy.DEFAULT, executor, new FetchStatistics());
      var source =
          new RegistryLayers(
              new Registries(transport, Credentials.none(), clock), blobs, Verify.WHEN_POSSIBLE);
      try (var layers =
          new LazyLayers(
              store,
              source,
              new LayerTable(clock, DirectIoSettings.DEFAULT),
              new Fallbacks(),
              LayerListener.NONE,
              new SetAside(),
              executor)) {
        layers.mounted(() -> {});
        var snapshotter =
            new Snapshotter(
                store,
                state,
                layers,
                new OverlayMounts(state, OverlayFeatures.ofKernel()),
                new CachedLayers(cache));
        try (var server =
            SocketServer.start(
                socket,
                List.of(
                    new SnapshotsService(() -> snapshotter),
                    new DaemonService(
                        StatisticsResponse::getDefaultInstance,
                        request -> TraceResponse.getDefaultInstance(),
                        () -> Health.State.STARTING),
                    new SampleContent(),
                    new SampleLeases(),
                    new SampleImages()))) {
          run("pull", image, "--containerd", socket.toString());
          run("status", "--address", socket.toString(), "--json");
        }
      }
    }
  }

  /** Reads a configuration, as a snapshotter does before all else. */
  private static Configuration configuration(Path directory) throws IOException {
    String text =
        """
        root = "%1$s/root"
        address = "%1$s/socket"
        [cache]
        directory = "%1$s/root/cache"
        """
            .formatted(directory);
    return Configuration.read(Files.writeString(directory.resolve("config.toml"), text));
  }

  private static void run(String... command) {
    int status = Lazerofs.run(command);
    if (status != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": exit status " + status);
    }
  }
}
