package io.lazerofs.snapshotter.prefetch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lazerofs.fetcher.lazy.BlobClosedException;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.TouchRecorder;
import io.lazerofs.fetcher.trace.AheadStatistics;
import io.lazerofs.fetcher.trace.InvalidTraceException;
import io.lazerofs.fetcher.trace.Trace;
import io.lazerofs.fetcher.trace.TraceFollower;
import io.lazerofs.snapshotter.mount.LayerListener;
import io.lazerofs.snapshotter.mount.OpenLayer;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches for the containers of each image that is being pulled what they will read first: what the
 * image's trace names, or, when it has none, the metadata of its layers. Lets the first reads of
 * new layers be recorded.
 *
 * <p>Whether an image has a trace is asked once, beside the Prepare of its first layer, and again
 * after one of its layers went. Safe for use by many threads.
 */
public final class ImagePrefetch implements LayerListener {
  private static final Logger log = LoggerFactory.getLogger(ImagePrefetch.class);

  /** So many images may have been pulled and not removed since, before one is forgotten. */
  private static final int MOST_IMAGES = 1024;

  private final TraceLookup lookup;
  private final LayersAhead layersAhead;
  private final Optional<TouchRecorder> recorder;
  private final TraceFollower.Budget budget;
  private final Executor executor;
  private final AheadStatistics statistics;
  private final Map<Digest, OpenLayer> open = new ConcurrentHashMap<>();

  /** By the digests of their manifests; the trace of one that was forgotten is looked for again. */
  private final Cache<Digest, Image> images =
      Caffeine.newBuilder().maximumSize(MOST_IMAGES).executor(Runnable::run).build();

  /**
   * @param layersAhead brings what the next Prepares of an image read
   * @param recorder notes the reads of new layers, if there is one
   * @param budget for the trace of one image
   * @param executor runs each task, which waits for the network, on a virtual thread of its own
   */
  public ImagePrefetch(
      TraceLookup lookup,
      LayersAhead layersAhead,
      Optional<TouchRecorder> recorder,
      TraceFollower.Budget budget,
      Executor executor,
      AheadStatistics statistics) {
    this.lookup = lookup;
    this.layersAhead = layersAhead;
    this.recorder = recorder;
    this.budget = budget;
    this.executor = executor;
    this.statistics = statistics;
  }

  /** Returns the blobs of the layers that are in the mount. */
  public List<LazyBlob> blobs() {
    return open.values().stream()
        .map(OpenLayer::source)
        .filter(LazyBlob.class::isInstance)
        .map(LazyBlob.class::cast)
        .toList();
  }

  @Override
  public void shown(OpenLayer layer, boolean first) {
    if (layer.source() instanceof LazyBlob blob) {
      if (first) {
        // After a restart of the daemon the first reads are long over.
        recorder.ifPresent(blob::recordTouches);
      }
      open.put(blob.digest(), layer);
      images.asMap().values().forEach(image -> image.shown(layer, blob));
    }
  }

  @Override
  public void requested(Map<String, String> labels) {
    var _ = image(labels);
  }

  @Override
  public void prepared(Digest blob, Map<String, String> labels) {
    image(labels).ifPresent(image -> image.add(blob));
  }

  /** Returns the image that a layer's labels name, and begins with what is fetched for it. */
  private Optional<Image> image(Map<String, String> labels) {
    String reference = labels.getOrDefault(Labels.IMAGE, "");
    try {
      Digest manifest = Digest.parse(labels.getOrDefault(Labels.MANIFEST_DIGEST, ""));
      return Optional.of(images.get(manifest, digest -> begin(reference, digest)));
    } catch (IllegalArgumentException e) {
      log.debug("{}: no prefetch, the labels of its layers name no manifest", reference);
      return Optional.empty();
    }
  }

  @Override
  public void removed(OpenLayer layer) {
    if (layer.source() instanceof LazyBlob blob) {
      open.remove(blob.digest(), layer);
      images.asMap().values().removeIf(image -> image.has(blob.digest()));
    }
  }

  private Image begin(String reference, Digest manifest) {
    Image image = new Image();
    execute(() -> image.answer(find(reference, manifest)));
    execute(() -> layersAhead.bring(reference, manifest));
    return image;
  }

  private Optional<Trace> find(String reference, Digest manifest) {
    try {
      return lookup.find(reference, manifest);
    } catch (InvalidTraceException e) {
      statistics.failed();
      log.warn("{}: its trace is not used: {}", reference, e.getMessage());
    } catch (IOException e) {
      statistics.failed();
      log.debug("{}: whether it has a trace cannot be told", reference, e);
    }
    return Optional.empty();
  }

  private void fetchMetadata(OpenLayer layer, LazyBlob blob) {
    Optional<MetadataRegion> region = MetadataRegion.of(layer.image().superblock(), blob.size());
    region.ifPresent(metadata -> execute(() -> fetch(blob, metadata)));
  }

  private void fetch(LazyBlob blob, MetadataRegion region) {
    try {
      long absent = blob.absentBytes(region.offset(), region.offset() + region.length());
      if (absent > 0) {
        blob.fetchForStart(region.offset(), region.length());
        statistics.prefetched(absent);
      }
    } catch (BlobClosedException e) {
      log.debug("layer {} went while its metadata was fetched", blob.digest());
    } catch (IOException e) {
      statistics.failed();
      log.debug("layer {}: metadata is not fetched ahead", blob.digest(), e);
    }
  }

  private void execute(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("no prefetch, the process ends", e);
    }
  }

  /** An image that is being pulled: the layers that it is known to have, and its trace. */
  private final class Image {
    private final Set<Digest> layers = new HashSet<>();
    private Optional<TraceFollower> follower = Optional.empty();
    private boolean answered;

    synchronized void add(Digest layer) {
      layers.add(layer);
      advance(layer);
    }

    synchronized boolean has(Digest layer) {
      return layers.contains(layer);
    }

    /** Takes the answer to the question whether there is a trace. */
    synchronized void answer(Optional<Trace> trace) {
      answered = true;
      trace.ifPresent(found -> {
        log.debug("image {}: {} bytes to fetch by its trace", found.image(), found.bytes());
        // Also those that another image brought, of which no Prepare is heard.
        layers.addAll(found.layers());
        follower = Optional.of(new TraceFollower(found, budget, executor, statistics));
      });
      layers.forEach(this::advance);
    }

    private void advance(Digest layer) {
      OpenLayer shown = open.get(layer);
      if (shown != null && shown.source() instanceof LazyBlob blob) {
        shown(shown, blob);
      }
    }

    synchronized void shown(OpenLayer layer, LazyBlob blob) {
      if (!answered || !layers.contains(blob.digest())) {
        return;
      }
      if (follower.isPresent()) {
        follower.get().opened(blob);
      } else {
        fetchMetadata(layer, blob);
      }
    }
  }
}
