package io.lazerofs.snapshotter.daemon;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpStatistics;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.FetchPolicy;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.layers.LayersFileSystem;
import io.lazerofs.snapshotter.mount.Fallbacks;
import io.lazerofs.snapshotter.mount.FuseMount;
import io.lazerofs.snapshotter.mount.LazyLayers;
import io.lazerofs.snapshotter.mount.OverlayMounts;
import io.lazerofs.snapshotter.mount.RegistryLayers;
import io.lazerofs.snapshotter.mount.Snapshotter;
import io.lazerofs.snapshotter.mount.StateDirectory;
import io.lazerofs.snapshotter.process.EndSignals;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import io.lazerofs.snapshotter.service.DaemonService;
import io.lazerofs.snapshotter.service.SnapshotsService;
import io.lazerofs.snapshotter.service.SocketServer;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshotter as it runs: all its parts, put together by a configuration.
 *
 * <p>A daemon that was killed leaves its mount, its socket and its lock file; the next one takes
 * all three over and goes on with what is on record.
 */
public final class Daemon implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  private final String version;
  private final Resources resources = new Resources();
  private final Fallbacks fallbacks = new Fallbacks();
  private final FetchStatistics reads = new FetchStatistics();
  private final LayerTable table;
  private final HttpTransport transport;
  private final CountDownLatch told = new CountDownLatch(1);
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile IntSupplier unverified = () -> 0;
  private volatile Runnable abort = () -> {};

  /**
   * Starts a daemon and returns when it serves; layers on record are still being opened then.
   *
   * @param credentials the logins at registries
   * @param version of this program, which statistics show
   * @throws IOException when it cannot start, in one line; what it had begun is undone
   */
  public static Daemon start(Configuration configuration, Credentials credentials, String version)
      throws IOException {
    InstantSource clock = InstantSource.system();
    Daemon daemon = new Daemon(configuration, version, clock);
    try {
      daemon.start(configuration, credentials, clock);
      return daemon;
    } catch (SnapshotException e) {
      daemon.resources.close();
      throw new IOException("cannot recover: " + e.getMessage(), e);
    } catch (IOException | RuntimeException | Error e) {
      daemon.resources.close();
      throw e;
    }
  }

  private Daemon(Configuration configuration, String version, InstantSource clock) {
    this.version = version;
    this.table = new LayerTable(clock, configuration.directIo());
    this.transport =
        HttpTransport.create(
            HttpSettings.defaults()
                .withPlainHttpHosts(configuration.registry().plainHttp())
                .withDeadline(configuration.registry().deadline()));
    resources.add("the connections to registries", transport);
  }

  private void start(Configuration configuration, Credentials credentials, InstantSource clock)
      throws SnapshotException, IOException {
    StateDirectory directory = StateDirectory.open(configuration.root());
    resources.add("the lock of the root", RootLock.take(directory.lock()));
    SnapshotStore store =
        resources.add("the snapshot store", SnapshotStore.open(directory.database(), clock));
    ExecutorService fetches = virtualThreads("fetch-");
    resources.add("the fetches", fetches::shutdownNow);
    Path cache = configuration.cache().directory().orElse(directory.cache());
    LazyLayers layers =
        resources.add(
            "the layers",
            new LazyLayers(
                store,
                new RegistryLayers(
                    new Registries(transport, credentials, clock),
                    blobs(cache, fetches),
                    configuration.verify()),
                table,
                fallbacks,
                fetches));
    unverified = layers::unverified;
    Snapshotter snapshotter =
        new Snapshotter(store, directory, layers, OverlayMounts.ofKernel(directory));

    SocketServer socket =
        SocketServer.start(
            configuration.address(),
            List.of(new SnapshotsService(snapshotter), new DaemonService(this::statistics)));
    try {
      FuseMount mount =
          resources.add(
              "the mount",
              FuseMount.mount(directory.mountPoint(), new LayersFileSystem(table), fetches));
      layers.mounted(mount::quiesce);
      abort =
          () -> {
            mount.abort();
            fetches.shutdownNow();
          };
    } finally {
      resources.add("the socket", socket);
    }

    List<String> orphans = snapshotter.retireOrphans();
    if (!orphans.isEmpty()) {
      log.warn("directories without a snapshot on record are removed: {}", orphans);
    }
    layers.recover();
    fetches.execute(() -> cleanUp(snapshotter));
    log.info("ready: {}", configuration.address());
  }

  private LazyBlobs blobs(Path directory, ExecutorService fetches) throws IOException {
    ScheduledExecutorService scheduler =
        resources.add(
            "the scheduler",
            Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("cache-flush").factory()));
    BlobCache cache = resources.add("the cache", BlobCache.open(directory, scheduler, fetches));
    return new LazyBlobs(cache, FetchPolicy.DEFAULT, fetches, reads);
  }

  private static void cleanUp(Snapshotter snapshotter) {
    try {
      snapshotter.cleanup();
    } catch (IOException e) {
      log.warn("removed snapshots still take space: {}", e.getMessage());
    }
  }

  /** Returns the figures of the moment. */
  public StatisticsResponse statistics() {
    HttpStatistics http = transport.statistics();
    return StatisticsResponse.newBuilder()
        .setPid(ProcessHandle.current().pid())
        .setVersion(version)
        .setBytesFetched(http.bodyBytes())
        .setRequests(http.requests())
        .setLayers(table.layers().size())
        .putAllFallbacks(fallbacks.counts())
        .setUnverifiedLayers(unverified.getAsInt())
        .setPageCacheFallbacks(reads.snapshot().pageCacheFallbacks())
        .setVerificationFailures(reads.snapshot().verificationFailures())
        .build();
  }

  /**
   * Returns when the process is told to end (SIGTERM, SIGINT), and is to be closed then. A second
   * signal fails all that is under way, so that closing waits for nothing.
   */
  public void serve() throws InterruptedException {
    EndSignals.handle(told::countDown, abort);
    told.await();
  }

  /**
   * Stops: no call is accepted any more, those under way end, the mount and the socket go, and what
   * is present becomes durable.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    HttpStatistics http = transport.statistics();
    log.info(
        "stopping: {} bytes in {} requests, not lazy: {}",
        http.bodyBytes(),
        http.requests(),
        fallbacks.counts());
    resources.close();
  }

  private static ExecutorService virtualThreads(String name) {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name, 0).factory());
  }
}
