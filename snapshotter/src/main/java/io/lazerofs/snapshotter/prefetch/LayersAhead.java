package io.lazerofs.snapshotter.prefetch;

import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.fetcher.registry.RegistryRepository;
import io.lazerofs.snapshotter.convert.BadVerityAnnotationException;
import io.lazerofs.snapshotter.convert.VerityAnnotations;
import io.lazerofs.snapshotter.mount.LayerSource;
import io.lazerofs.snapshotter.mount.LayerSource.Answer;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers of an image that is being pulled, opened all at once when the first is asked for.
 *
 * <p>containerd prepares the layers of an image one after the other, and each Prepare waits until
 * its layer is opened: a few round trips to the registry, times up to 127. What opening reads is
 * here, or on its way, when its Prepare comes. Only layers with a hash tree are opened, since for
 * others their size has to be asked for again. What fails here, the Prepare finds out itself.
 *
 * <p>Safe for use by many threads.
 */
public final class LayersAhead {
  private static final Logger log = LoggerFactory.getLogger(LayersAhead.class);

  /** How many layers of all images are being opened at once: as many connections, and no more. */
  private static final int AT_ONCE = 8;

  /** Finds the manifest of an image. */
  @FunctionalInterface
  interface Manifests {
    /** Returns a manifest, waiting for the registry; empty when the image is in none. */
    Optional<Manifest> find(String image, Digest manifest) throws IOException;

    /** Returns the way to the manifests in registries. */
    static Manifests in(Registries registries) {
      // A name may lead to a directory of this machine, which no label is to make the daemon read.
      return (image, manifest) ->
          registries.open(image).store() instanceof RegistryRepository repository
              ? Optional.of(Manifest.parse(repository.resolve(manifest.toString())))
              : Optional.empty();
    }
  }

  private final Manifests manifests;
  private final LayerSource source;
  private final Executor executor;
  private final Semaphore turns = new Semaphore(AT_ONCE);

  /**
   * @param executor opens each layer on a virtual thread of its own
   */
  LayersAhead(Manifests manifests, LayerSource source, Executor executor) {
    this.manifests = manifests;
    this.source = source;
    this.executor = executor;
  }

  public static LayersAhead in(Registries registries, LayerSource source, Executor executor) {
    return new LayersAhead(Manifests.in(registries), source, executor);
  }

  /**
   * Begins to open the layers of an image, having waited for its manifest.
   *
   * @param image the image's reference
   * @param manifest the digest of its manifest
   */
  void bring(String image, Digest manifest) {
    try {
      Optional<Manifest> found = manifests.find(image, manifest);
      if (found.isPresent() && found.get().layers().size() > 1) {
        found.get().layers().forEach(layer -> begin(layer, image));
      }
    } catch (IOException e) {
      log.debug("{}: its layers are not opened ahead", image, e);
    }
  }

  private void begin(Descriptor layer, String image) {
    try {
      Optional<VerityRoot> root = VerityAnnotations.of(layer);
      if (root.isPresent()) {
        executor.execute(() -> open(layer.digest(), root, image));
      }
    } catch (BadVerityAnnotationException | RejectedExecutionException e) {
      log.debug("layer {} of {} is not opened ahead", layer.digest(), image, e);
    }
  }

  private void open(Digest blob, Optional<VerityRoot> root, String image) {
    try {
      turns.acquire();
    } catch (InterruptedException e) {
      return; // The process ends.
    }
    try {
      if (source.open(blob, root, image) instanceof Answer.Image(var layer)) {
        layer.close();
      }
    } catch (IOException | SnapshotException e) {
      log.debug("layer {} of {} was not opened ahead", blob, image, e);
    } finally {
      turns.release();
    }
  }
}
