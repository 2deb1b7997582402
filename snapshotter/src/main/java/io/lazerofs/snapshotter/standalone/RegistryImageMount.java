package io.lazerofs.snapshotter.standalone;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.Caches;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.lazy.FetchPolicy;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageLocation;
import io.lazerofs.fetcher.registry.Index;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.fetcher.registry.RegistryRepository;
import io.lazerofs.fetcher.trace.AheadStatistics;
import io.lazerofs.fetcher.trace.Trace;
import io.lazerofs.fetcher.trace.TraceFollower;
import io.lazerofs.fetcher.trace.TraceStore;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.fuse.MountedFileSystem;
import io.lazerofs.fuse.sys.EffectiveUser;
import io.lazerofs.layers.ImageFileSystem;
import io.lazerofs.layers.Layer;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.layers.LayersFileSystem;
import io.lazerofs.layers.NodeId;
import io.lazerofs.snapshotter.convert.BadVerityAnnotationException;
import io.lazerofs.snapshotter.convert.LayerMediaType;
import io.lazerofs.snapshotter.convert.VerityAnnotations;
import io.lazerofs.snapshotter.mount.Verify;
import io.lazerofs.source.Digest;
import io.lazerofs.source.Waiting;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An image in a registry or a layout, as one read-only tree whose bytes are fetched when read. */
public record RegistryImageMount(
    ImageLocation image,
    Platform platform,
    Verify verify,
    DirectIoSettings directIo,
    FuseKind fuse) {
  private static final Logger log = LoggerFactory.getLogger(RegistryImageMount.class);

  /** What the trace of an image may cost: as much as the daemon takes by default. */
  private static final TraceFollower.Budget AHEAD = new TraceFollower.Budget(256L << 20, 4);

  /**
   * Mounts the image and serves it until it is unmounted, by whomever.
   *
   * @param root the directory that holds state
   * @param waiters runs what waits for the registry: virtual threads
   * @param usable called once, when the mount can be used
   * @throws IOException when the image cannot be had or mounted; nothing is left behind
   */
  public void serve(Path root, Path mountPoint, ExecutorService waiters, Runnable usable)
      throws IOException {
    Document manifest = manifest();
    List<Descriptor> layers = layers(manifest);
    try (Claim claim = Claim.take(root, mountPoint);
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        BlobCache cache = BlobCache.open(claim.home().cache(), scheduler, waiters);
        OpenLayers opened =
            new OpenLayers(
                new LazyBlobs(cache, FetchPolicy.DEFAULT, waiters, new FetchStatistics()))) {
      for (Descriptor layer : layers) {
        opened.add(layer);
      }
      waiters.execute(() -> prefetch(manifest.digest(), opened.blobs(), waiters));
      if (layers.size() == 1) {
        serveLayer(claim, cache, opened.images.getFirst(), waiters, usable);
      } else {
        serveLayers(claim, cache, opened.images, waiters, usable);
      }
    }
  }

  /** Serves the only layer at the mount point itself. */
  private void serveLayer(
      Claim claim, BlobCache cache, ErofsImage layer, ExecutorService waiters, Runnable usable)
      throws IOException {
    claim.record(image.toString(), false);
    MountedFileSystem server =
        fuse.mount(
            claim.mountPoint(),
            ImageFileSystem.of(layer, directIo),
            FuseOptions.defaults().withSourceName(image.toString()),
            waiters);
    letEvict(cache, server);
    Serving.untilEnd(server, server::close, waiters::shutdownNow, usable);
  }

  /** Serves layers beside the mount point, and merges them there. */
  private void serveLayers(
      Claim claim,
      BlobCache cache,
      List<ErofsImage> layers,
      ExecutorService waiters,
      Runnable usable)
      throws IOException {
    LayerTable table = new LayerTable(InstantSource.system(), directIo);
    for (int i = 0; i < layers.size(); i++) {
      table.add(new Layer(NodeId.FIRST_LAYER + i, 0, Integer.toString(i), layers.get(i)));
    }
    claim.record(image.toString(), true);
    Files.createDirectory(claim.home().layers());
    MountedFileSystem server =
        fuse.mount(
            claim.home().layers(), new LayersFileSystem(table), FuseOptions.defaults(), waiters);
    letEvict(cache, server);
    MergedTree merged = new MergedTree(claim.home().layers(), claim.mountPoint());
    try {
      merged.mount(image.toString(), layers.size());
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
    Serving.untilEnd(
        server,
        () -> {
          merged.unmount();
          server.close();
        },
        waiters::shutdownNow,
        usable);
  }

  /** Follows the trace that lies beside the image, if there is one. */
  private void prefetch(Digest manifest, List<LazyBlob> blobs, ExecutorService waiters) {
    if (!(image.store() instanceof RegistryRepository repository)) {
      return;
    }
    try {
      Optional<Trace> trace = new TraceStore(repository).find(manifest);
      if (trace.isPresent()) {
        TraceFollower follower =
            new TraceFollower(trace.get(), AHEAD, waiters, new AheadStatistics());
        blobs.forEach(follower::opened);
      }
    } catch (IOException e) {
      log.warn("{}: no trace of it is followed: {}", image, e.getMessage());
    }
  }

  /** Lets complete layers be evicted from, where the server knows when nobody uses their memory. */
  private static void letEvict(BlobCache cache, MountedFileSystem server) {
    if (server instanceof FuseServer raw) {
      cache.quiesceBy(raw::quiesce);
    }
  }

  /** Returns the manifest of the image for the platform. */
  private Document manifest() throws IOException {
    Document document = image.resolve();
    if (document.isIndex()) {
      Descriptor chosen =
          Index.parse(document)
              .choose(platform)
              .orElseThrow(() ->
                  new IOException(image + ": holds no image for " + platform + "; try --platform"));
      document = image.store().resolve(chosen.digest().toString());
    }
    return document;
  }

  /** Returns the layers, the base first; all of them can be mounted. */
  private List<Descriptor> layers(Document manifest) throws IOException {
    List<Descriptor> layers = Manifest.parse(manifest).layers();
    for (Descriptor layer : layers) {
      if (!LayerMediaType.isErofs(layer.mediaType())) {
        throw new IOException(
            "%s: layer %s is no EROFS image; make one of it: lazerofs convert %s NEW"
                .formatted(image, layer, image));
      }
      if (verity(layer).isEmpty() && verify == Verify.REQUIRE) {
        throw new IOException(
            "%s: layer %s has no hash tree; make an image that has: lazerofs convert SOURCE %s"
                .formatted(image, layer, image));
      }
    }
    if (layers.isEmpty()) {
      throw new IOException(image + ": has no layers, so there is nothing to mount");
    }
    if (layers.size() > 1 && !EffectiveUser.isRoot()) {
      throw new IOException(
          "%s: has %d layers, and only root can merge layers (with overlayfs): run as root, or mount"
                  .formatted(image, layers.size())
              + " an image of one layer");
    }
    return layers;
  }

  private Optional<VerityRoot> verity(Descriptor layer) throws IOException {
    try {
      return VerityAnnotations.of(layer);
    } catch (BadVerityAnnotationException e) {
      throw new IOException("%s: layer %s: %s".formatted(image, layer, e.getMessage()), e);
    }
  }

  /** The layers that are open, the base first. */
  private final class OpenLayers implements AutoCloseable {
    private final LazyBlobs blobs;
    private final Caches caches = Caches.ofServer();
    private final List<LazyBlob> opened = new ArrayList<>();
    private final List<ErofsImage> images = new ArrayList<>();

    OpenLayers(LazyBlobs blobs) {
      this.blobs = blobs;
    }

    /** Adds the next layer. */
    void add(Descriptor layer) throws IOException {
      Optional<VerityRoot> verity = verity(layer);
      LazyBlob blob =
          blobs.open(
              new BlobKey(layer.digest(), layer.size(), verity), image.store().reader(layer));
      opened.add(blob);
      if (verity.isEmpty() && !blob.isSealed()) {
        log.warn("layer {} has no hash tree: unverified until all of it is here", layer.digest());
      }
      try {
        images.add(Waiting.on(() -> ErofsImage.open(blob, List.of(), caches)));
      } catch (IOException e) {
        throw new IOException("%s: layer %s: %s".formatted(image, layer, e.getMessage()), e);
      }
    }

    List<LazyBlob> blobs() {
      return List.copyOf(opened);
    }

    @Override
    public void close() throws IOException {
      for (LazyBlob blob : opened) {
        blob.close();
      }
    }
  }
}
