package io.lazerofs.snapshotter.daemon;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.CacheStatistics;
import io.lazerofs.fetcher.hosts.HostsDirectory;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.FetchPolicy;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.lazy.TouchRecorder;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.PulledCredentials;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.fetcher.trace.TraceFollower;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.layers.LayersFileSystem;
import io.lazerofs.snapshotter.cri.ImageService;
import io.lazerofs.snapshotter.keeper.KeptSession;
import io.lazerofs.snapshotter.keeper.MountKeeping;
import io.lazerofs.snapshotter.keeper.Upgrade;
import io.lazerofs.snapshotter.keeper.Watcher;
import io.lazerofs.snapshotter.metrics.Figures;
import io.lazerofs.snapshotter.metrics.Health;
import io.lazerofs.snapshotter.metrics.MetricsServer;
import io.lazerofs.snapshotter.mount.CachedLayers;
import io.lazerofs.snapshotter.mount.FuseMount;
import io.lazerofs.snapshotter.mount.LayerSource;
import io.lazerofs.snapshotter.mount.LazyLayers;
import io.lazerofs.snapshotter.mount.MountProbe;
import io.lazerofs.snapshotter.mount.OverlayFeatures;
import io.lazerofs.snapshotter.mount.OverlayMounts;
import io.lazerofs.snapshotter.mount.Recovery;
import io.lazerofs.snapshotter.mount.RegistryLayers;
import io.lazerofs.snapshotter.mount.Snapshotter;
import io.lazerofs.snapshotter.mount.StateDirectory;
import io.lazerofs.snapshotter.prefetch.BackgroundCompletion;
import io.lazerofs.snapshotter.prefetch.ImagePrefetch;
import io.lazerofs.snapshotter.prefetch.LayersAhead;
import io.lazerofs.snapshotter.prefetch.TraceLookup;
import io.lazerofs.snapshotter.process.EndSignals;
import io.lazerofs.snapshotter.service.CacheService;
import io.lazerofs.snapshotter.service.DaemonService;
import io.lazerofs.snapshotter.service.SnapshotsService;
import io.lazerofs.snapshotter.service.SocketServer;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.snapshotter.store.SnapshotStore;
import io.lazerofs.snapshotter.upkeep.CacheUpkeep;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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

  /** More than the images that a machine runs; a login takes less than a kilobyte. */
  private static final int MAX_PULLED_REPOSITORIES = 1000;

  /** The exit status of a daemon that could not start. */
  private static final int FAILED = 1;

  private final Resources resources = new Resources();
  private final PulledCredentials pulled = new PulledCredentials(MAX_PULLED_REPOSITORIES);
  private final TouchRecorder recorder;
  private final LayerTable table;
  private final HttpTransport transport;
  private final Registries registries;
  private final Figures figures;
  private final Health health = new Health();
  private final CompletableFuture<Snapshotter> snapshotter = new CompletableFuture<>();
  private final CompletableFuture<CacheUpkeep> upkeep = new CompletableFuture<>();
  private final CountDownLatch told = new CountDownLatch(1);
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Runnable abort = () -> {};
  private volatile Supplier<Optional<String>> selfCheck = Optional::empty;
  private volatile boolean keepsMounts;

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
    // Before there is anything that a signal's own end of the process would leave behind.
    EndSignals.handle(daemon.told::countDown, () -> daemon.abort.run());
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
            transport,
            Credentials.chain(List.of(pulled, credentials)),
            clock,
            Optional.of(new HostsDirectory(registry.configPath())));
    this.figures = new Figures(version, System::nanoTime, transport, registries, table);
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
    if (configuration.metrics().isPresent()) {
      resources.add(
          "the metrics", MetricsServer.start(configuration.metrics().get(), figures, health));
    }
    // All that takes long comes behind the socket, whose calls wait for what they need.
    SocketServer socket =
        SocketServer.start(
            configuration.address(),
            List.of(
                new SnapshotsService(() -> await(snapshotter)),
                new CacheService(() -> await(upkeep)),
                new DaemonService(
                    figures::statistics, new RecordedReads(recorder), health::state, this::stop)));
    try {
      open(configuration, directory, clock, watcher);
    } catch (SnapshotException | IOException | RuntimeException | Error e) {
      snapshotter.completeExceptionally(e);
      upkeep.completeExceptionally(e);
      throw e;
    } finally {
      resources.add("the socket", socket);
    }
    Configuration.Cri cri = configuration.cri();
    if (cri.imageService().isPresent()) {
      resources.add(
          "the image service",
          ImageService.start(cri.imageService().get(), cri.containerd(), pulled));
    }
    watcher.ready();
    log.info("ready: {}", configuration.address());
  }

  private static <T> T await(CompletableFuture<T> part) throws Unavailable {
    try {
      return part.join();
    } catch (CompletionException e) {
      throw new Unavailable("the daemon cannot start: " + e.getCause(), e);
    }
  }

  private void open(
      Configuration configuration, StateDirectory directory, InstantSource clock, Watcher watcher)
      throws SnapshotException, IOException {
    ExecutorService fetches = virtualThreads("fetch-");
    resources.add("the fetches", fetches::shutdownNow);
    Recovery recovery = new Recovery(directory, figures.setAside());
    SnapshotStore store = resources.add("the snapshot store", recovery.open(clock));
    BlobCache blobCache = CacheParts.open(configuration.cache(), directory, resources, fetches);
    upkeep.complete(new CacheUpkeep(blobCache, store));
    figures.of(blobCache);
    FetchPolicy policy = FetchPolicy.DEFAULT.withRoomFor(configuration.prefetch().connections());
    LazyBlobs blobs = new LazyBlobs(blobCache, policy, fetches, figures.fetches());
    RegistryLayers source = new RegistryLayers(registries, blobs, configuration.verify());
    ImagePrefetch prefetch = prefetch(configuration.prefetch(), source, fetches);
    LazyLayers layers =
        resources.add(
            "the layers",
            new LazyLayers(
                store, source, table, figures.fallbacks(), prefetch, figures.setAside(), fetches));
    figures.of(layers);
    // Readers of a mount that outlived its daemon wait for this.
    layers.expectAll();
    FuseMount mount = serve(directory, watcher, fetches);
    Snapshotter opened =
        new Snapshotter(
            store,
            directory,
            layers,
            new OverlayMounts(directory, OverlayFeatures.ofKernel()),
            new CachedLayers(blobCache));
    recovery.reconcile(store);
    snapshotter.complete(opened);
    layers.recover();
    figures.of(mount);
    health.mounted(resources.add("the probe", new MountProbe(directory.mountPoint())));
    layers.mounted(mount::quiesce);
    blobCache.quiesceBy(mount::quiesce);
    abort =
        () -> {
          mount.abort();
          fetches.shutdownNow();
        };
    selfCheck = new SelfCheck(configuration.address(), mount, fetches)::trouble;
    health.ready();
    if (figures.setAside().lines().isEmpty()) {
      // Else what is damaged may be what names them.
      fetches.execute(() -> cleanUp(directory));
    }
    fetches.execute(transport::warm);
    configuration
        .background()
        .ifPresent(rate ->
            completeBlobs(
                rate,
                prefetch,
                () -> hasRoom(blobCache.statistics(), configuration.cache().lowWatermark()),
                fetches));
  }

  /** Serves the mount that an earlier daemon left, or makes one; a keeper holds it from now on. */
  private FuseMount serve(StateDirectory directory, Watcher watcher, Executor waiters)
      throws IOException {
    MountKeeping keeping =
        resources.add("the keeper", new MountKeeping(directory.session(), watcher));
    LayersFileSystem files = new LayersFileSystem(table);
    Optional<FuseMount> running = takeOver(keeping, directory, files, waiters);
    keepsMounts = running.isPresent();
    running.ifPresent(mount -> resources.add("the mount", () -> end(mount, keeping, FAILED)));
    FuseMount mount =
        running.isPresent()
            ? running.get()
            : FuseMount.mount(directory.mountPoint(), files, waiters);
    resources.add("the mount", () -> end(mount, keeping, 0));
    keeping.keep(mount.server());
    keepsMounts = false;
    return mount;
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

  private ImagePrefetch prefetch(
      Configuration.Prefetch configuration, LayerSource source, ExecutorService fetches) {
    return new ImagePrefetch(
        configuration.trace() ? TraceLookup.in(registries) : TraceLookup.NONE,
        LayersAhead.in(registries, source, fetches),
        configuration.trace() ? Optional.of(recorder) : Optional.empty(),
        new TraceFollower.Budget(configuration.maxBytes(), configuration.connections()),
        fetches,
        figures.ahead());
  }

  private void completeBlobs(
      long bytesPerSecond, ImagePrefetch prefetch, BooleanSupplier room, ExecutorService fetches) {
    BackgroundCompletion completion =
        new BackgroundCompletion(
            bytesPerSecond,
            prefetch::blobs,
            () -> figures.fetches().snapshot().misses(),
            room,
            System::nanoTime,
            figures.ahead());
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

  /** Tells whether a cache can take more without coming near to an eviction. */
  private static boolean hasRoom(CacheStatistics cache, int lowWatermark) {
    return cache.usedBytes() < cache.maxBytes() / 100 * lowWatermark;
  }

  /** Deletes the files of removed snapshots. Bytes of layers stay: their images may come again. */
  private static void cleanUp(StateDirectory directory) {
    try {
      directory.deleteRetired();
    } catch (IOException e) {
      log.warn("removed snapshots still take space: {}", e.getMessage());
    }
  }

  /** Returns what is not well with this daemon, or empty; for one thread at a time, may wait. */
  public Optional<String> trouble() {
    return selfCheck.get();
  }

  /**
   * Returns when the process is told to end (SIGTERM, SIGINT, Stop), and is to be closed then. A
   * second signal fails all that is under way, so that closing waits for nothing.
   */
  public void serve() throws InterruptedException {
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
    log.info("stopping: {}", figures.summary());
    resources.close();
  }

  private static ExecutorService virtualThreads(String name) {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name, 0).factory());
  }
}
