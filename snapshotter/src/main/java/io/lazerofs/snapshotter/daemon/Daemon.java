package io.lazerofs.snapshotter.daemon;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.CacheLimits;
import io.lazerofs.fetcher.cache.CacheStatistics;
import io.lazerofs.fetcher.hosts.HostsDirectory;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpStatistics;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.FetchPolicy;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.lazy.Touch;
import io.lazerofs.fetcher.lazy.TouchRecorder;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.fetcher.trace.AheadStatistics;
import io.lazerofs.fetcher.trace.Trace;
import io.lazerofs.fetcher.trace.TraceFollower;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.layers.LayersFileSystem;
import io.lazerofs.snapshotter.keeper.KeptSession;
import io.lazerofs.snapshotter.keeper.MountKeeping;
import io.lazerofs.snapshotter.keeper.Upgrade;
import io.lazerofs.snapshotter.keeper.Watcher;
import io.lazerofs.snapshotter.mount.Fallbacks;
import io.lazerofs.snapshotter.mount.FuseMount;
import io.lazerofs.snapshotter.mount.LazyLayers;
import io.lazerofs.snapshotter.mount.OverlayMounts;
import io.lazerofs.snapshotter.mount.RegistryLayers;
import io.lazerofs.snapshotter.mount.Snapshotter;
import io.lazerofs.snapshotter.mount.StateDirectory;
import io.lazerofs.snapshotter.prefetch.BackgroundCompletion;
import io.lazerofs.snapshotter.prefetch.ImagePrefetch;
import io.lazerofs.snapshotter.prefetch.TraceLookup;
import io.lazerofs.snapshotter.process.EndSignals;
import io.lazerofs.snapshotter.proto.ReadRange;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import io.lazerofs.snapshotter.proto.TraceRequest;
import io.lazerofs.snapshotter.proto.TraceResponse;
import io.lazerofs.snapshotter.service.DaemonService;
import io.lazerofs.snapshotter.service.SnapshotsService;
import io.lazerofs.snapshotter.service.SocketServer;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import io.lazerofs.snapshotter.store.SnapshotStore;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
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
  private static final long BACKGROUND_PERIOD_MILLIS = 200;

  /** The exit status of a daemon that could not start. */
  private static final int FAILED = 1;

  private final String version;
  private final Resources resources = new Resources();
  private final Fallbacks fallbacks = new Fallbacks();
  private final FetchStatistics reads = new FetchStatistics();
  private final AheadStatistics ahead = new AheadStatistics();
  private final TouchRecorder recorder;
  private final LayerTable table;
  private final HttpTransport transport;
  private final Registries registries;
  private final CountDownLatch told = new CountDownLatch(1);
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile IntSupplier unverified = () -> 0;
  private volatile Runnable abort = () -> {};
  private volatile boolean keepsMounts;
  private volatile Optional<BlobCache> cache = Optional.empty();

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
    Daemon daemon = new Daemon(configuration, credentials, version, clock);
    try {
      daemon.start(configuration, clock);
      return daemon;
    } catch (SnapshotException e) {
      daemon.resources.close();
      throw new IOException("cannot recover: " + e.getMessage(), e);
    } catch (IOException | RuntimeException | Error e) {
      daemon.resources.close();
      throw e;
    }
  }

  private Daemon(
      Configuration configuration, Credentials credentials, String version, InstantSource clock) {
    this.version = version;
    this.table = new LayerTable(clock, configuration.directIo());
    this.recorder =
        new TouchRecorder(
            TouchRecorder.Limits.ofBytes(configuration.prefetch().maxBytes()), System::nanoTime);
    Configuration.Registry registry = configuration.registry();
    this.transport =
        HttpTransport.create(
            HttpSettings.defaults()
                .withPlainHttpHosts(registry.plainHttp())
                .withDeadline(registry.deadline())
                .withStall(registry.stall()));
    this.registries =
        new Registries(
            transport, credentials, clock, Optional.of(new HostsDirectory(registry.configPath())));
    resources.add("the connections to registries", transport);
  }

  private void start(Configuration configuration, InstantSource clock)
      throws SnapshotException, IOException {
    StateDirectory directory = StateDirectory.open(configuration.root());
    Watcher watcher = Watcher.of(System.getenv());
    resources.add(
        "the lock of the root",
        RootLock.take(
            directory.lock(),
            watcher,
            configuration.address(),
            new Predecessor(System.getenv().containsKey(Upgrade.TAKE_PLACE))));
    SnapshotStore store =
        resources.add("the snapshot store", SnapshotStore.open(directory.database(), clock));
    ExecutorService fetches = virtualThreads("fetch-");
    resources.add("the fetches", fetches::shutdownNow);
    BlobCache blobCache = cache(configuration.cache(), directory, fetches);
    cache = Optional.of(blobCache);
    LazyBlobs blobs = new LazyBlobs(blobCache, FetchPolicy.DEFAULT, fetches, reads);
    ImagePrefetch prefetch = prefetch(configuration.prefetch(), fetches);
    LazyLayers layers =
        resources.add(
            "the layers",
            new LazyLayers(
                store,
                new RegistryLayers(registries, blobs, configuration.verify()),
                table,
                fallbacks,
                prefetch,
                fetches));
    unverified = layers::unverified;
    Snapshotter snapshotter =
        new Snapshotter(store, directory, layers, OverlayMounts.ofKernel(directory));

    MountKeeping keeping =
        resources.add("the keeper", new MountKeeping(directory.session(), watcher));
    LayersFileSystem files = new LayersFileSystem(table);
    layers.expectAll();
    // Readers of a mount that outlived its daemon wait for this one; nobody else does yet.
    Optional<FuseMount> running = takeOver(keeping, directory, files, fetches);
    keepsMounts = running.isPresent();
    running.ifPresent(mount -> resources.add("the mount", () -> end(mount, keeping, FAILED)));
    SocketServer socket =
        SocketServer.start(
            configuration.address(),
            List.of(
                new SnapshotsService(snapshotter),
                new DaemonService(this::statistics, this::trace, this::stop)));
    try {
      FuseMount mount =
          running.isPresent()
              ? running.get()
              : FuseMount.mount(directory.mountPoint(), files, fetches);
      resources.add("the mount", () -> end(mount, keeping, 0));
      keeping.keep(mount.server());
      keepsMounts = false;
      layers.mounted(mount::quiesce);
      blobCache.quiesceBy(mount::quiesce);
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
    configuration
        .background()
        .ifPresent(rate ->
            completeBlobs(
                rate,
                prefetch,
                () -> hasRoom(blobCache.statistics(), configuration.cache().lowWatermark()),
                fetches));
    watcher.ready();
    log.info("ready: {}", configuration.address());
  }

  private static Optional<FuseMount> takeOver(
      MountKeeping keeping, StateDirectory directory, LayersFileSystem files, Executor waiters)
      throws IOException {
    Optional<KeptSession> kept = keeping.find(directory.mountPoint());
    return kept.isEmpty()
        ? Optional.empty()
        : Optional.of(FuseMount.takeOver(directory.mountPoint(), kept.get(), files, waiters));
  }

  /**
   * Takes the mount down, or leaves it to the next daemon.
   *
   * @param status what this process ends with if it has to at once
   */
  private void end(FuseMount mount, MountKeeping keeping, int status) {
    if (!keepsMounts) {
      mount.close();
      return;
    }
    keeping.leave();
    if (!mount.leave()) {
      // What they read from is not closed under them: a killed daemon's requests are sent again.
      Runtime.getRuntime().halt(status);
    }
  }

  private void stop(boolean keepMounts) {
    keepsMounts = keepMounts;
    told.countDown();
  }

  private ImagePrefetch prefetch(Configuration.Prefetch configuration, ExecutorService fetches) {
    return new ImagePrefetch(
        configuration.trace() ? TraceLookup.in(registries) : TraceLookup.NONE,
        configuration.trace() ? Optional.of(recorder) : Optional.empty(),
        new TraceFollower.Budget(configuration.maxBytes(), configuration.connections()),
        fetches,
        ahead);
  }

  private void completeBlobs(
      long bytesPerSecond, ImagePrefetch prefetch, BooleanSupplier room, ExecutorService fetches) {
    BackgroundCompletion completion =
        new BackgroundCompletion(
            bytesPerSecond,
            prefetch::blobs,
            () -> reads.snapshot().misses(),
            room,
            System::nanoTime,
            ahead);
    ScheduledExecutorService ticks =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("background-ticks").factory());
    resources.add("the background completion", ticks::shutdownNow);
    // A step waits for the network; a tick must not.
    ticks.scheduleWithFixedDelay(
        () -> fetches.execute(completion::step),
        BACKGROUND_PERIOD_MILLIS,
        BACKGROUND_PERIOD_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  private BlobCache cache(
      Configuration.Cache settings, StateDirectory directory, ExecutorService fetches)
      throws IOException {
    ScheduledExecutorService scheduler =
        resources.add(
            "the scheduler",
            Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("cache-flush").factory()));
    CacheLimits limits =
        new CacheLimits(settings.maxBytes(), settings.highWatermark(), settings.lowWatermark());
    return resources.add(
        "the cache",
        BlobCache.open(settings.directory().orElse(directory.cache()), limits, scheduler, fetches));
  }

  /** Tells whether a cache can take more without coming near to an eviction. */
  private static boolean hasRoom(CacheStatistics cache, int lowWatermark) {
    return cache.usedBytes() < cache.maxBytes() / 100 * lowWatermark;
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
    StatisticsResponse.Builder response = StatisticsResponse.newBuilder();
    cache
        .map(BlobCache::statistics)
        .ifPresent(kept ->
            response
                .setCacheBytes(kept.usedBytes())
                .setCacheMaxBytes(kept.maxBytes())
                .setEvictedBytes(kept.evictedBytes())
                .setPassThroughBytes(kept.passThroughBytes()));
    return response
        .setPid(ProcessHandle.current().pid())
        .setVersion(version)
        .setBytesFetched(http.bodyBytes())
        .setRequests(http.requests())
        .setLayers(table.layers().size())
        .putAllFallbacks(fallbacks.counts())
        .setUnverifiedLayers(unverified.getAsInt())
        .setRetries(http.retries())
        .putAllSources(registries.sources())
        .setPageCacheFallbacks(reads.snapshot().pageCacheFallbacks())
        .setPrefetchedBytes(ahead.prefetchedBytes())
        .setBackgroundBytes(ahead.backgroundBytes())
        .setVerificationFailures(reads.snapshot().verificationFailures())
        .build();
  }

  /** Returns what was read first of some layers. */
  private TraceResponse trace(TraceRequest request) throws InvalidArgument {
    List<Digest> layers = new ArrayList<>();
    for (String layer : request.getLayersList()) {
      try {
        layers.add(Digest.parse(layer));
      } catch (IllegalArgumentException e) {
        throw new InvalidArgument(String.valueOf(e.getMessage()));
      }
    }
    TraceResponse.Builder response = TraceResponse.newBuilder();
    for (Touch touch : recorder.touches(layers, Trace.MAX_RANGES)) {
      response.addRanges(
          ReadRange.newBuilder()
              .setLayer(layers.indexOf(touch.blob()))
              .setOffset(touch.offset())
              .setLength(touch.length()));
    }
    return response.build();
  }

  /**
   * Returns when the process is told to end (SIGTERM, SIGINT, Stop), and is to be closed then. A
   * second signal fails all that is under way, so that closing waits for nothing.
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
