package io.lazerofs.snapshotter.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageConfig;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.ImageStore.Content;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.MediaTypes;
import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.fetcher.registry.RegistryException;
import io.lazerofs.snapshotter.progress.Progress;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;

/**
 * Converts an image from one store to another.
 *
 * <p>An instance converts one image; its calls block until that is done.
 */
public final class ImageConverter {
  private static final String OS_FEATURE = "erofs";

  /** What an annotation begins with that tells of the bytes of a layer in another lazy format. */
  private static final List<String> FORMAT_ANNOTATIONS =
      List.of(
          "containerd.io/snapshot/stargz/",
          "io.containers.estargz.",
          "io.containers.zstd-chunked.");

  private final ImageStore source;
  private final ImageStore destination;
  private final LayerMediaType mediaType;
  private final WriteOptions options;
  private final int parallelism;
  private final Progress progress;
  private final LayerConverter layers;

  /**
   * @param options how the layers' images are written; their threads are shared out among the
   *     layers that are converted at once
   * @param temporary a directory with room for as many unpacked layers as are converted at once
   * @param parallelism how many layers to convert at once, at least 1
   */
  public ImageConverter(
      ImageStore source,
      ImageStore destination,
      LayerMediaType mediaType,
      WriteOptions options,
      Path temporary,
      int parallelism,
      Progress progress) {
    this.source = source;
    this.destination = destination;
    this.mediaType = mediaType;
    this.options = options;
    this.parallelism = parallelism;
    this.progress = progress;
    this.layers = new LayerConverter(source, destination, mediaType, temporary, progress);
  }

  /**
   * Converts an image and returns its new manifest or index.
   *
   * @param reference the tag or digest of the image in the source
   * @param target the tag that it gets in the destination; given only when all else is there
   * @param platforms which images of an index to convert; all when empty
   * @throws ConversionException when the image is broken or has layers that cannot be converted
   * @throws RegistryException when a store fails
   */
  public Document convert(String reference, String target, List<Platform> platforms)
      throws IOException {
    Plan plan =
        new Planner(source, source.nameOf(reference), platforms).plan(source.resolve(reference));
    Map<Plan.Key, ConvertedLayer> converted = convertLayers(plan);
    Document document = write(plan, converted);
    destination.putManifest(document, target);
    return document;
  }

  private Map<Plan.Key, ConvertedLayer> convertLayers(Plan plan) throws IOException {
    Map<Plan.Key, Plan.Layer> distinct = new LinkedHashMap<>();
    plan.images()
        .flatMap(image -> image.sourceLayers().stream())
        .forEach(layer -> distinct.putIfAbsent(layer.key(), layer));
    Map<Plan.Key, ConvertedLayer> converted = new HashMap<>();
    int atOnce = Math.clamp(distinct.size(), 1, parallelism);
    WriteOptions each = options.withThreads(Math.ceilDiv(options.threads(), atOnce));
    var threads = Executors.newFixedThreadPool(atOnce);
    try {
      var running = new ExecutorCompletionService<Map.Entry<Plan.Key, ConvertedLayer>>(threads);
      distinct.forEach(
          (key, layer) -> running.submit(() -> Map.entry(key, layers.convert(layer, each))));
      while (converted.size() < distinct.size()) {
        var one = running.take().get();
        converted.put(one.getKey(), one.getValue());
      }
      return converted;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io
          ? io
          : new ConversionException("a layer could not be converted: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("conversion interrupted");
    } finally {
      // The first failure ends the layers that are still under way; close waits for them.
      threads.shutdownNow();
      threads.close();
    }
  }

  /** Writes all that a document names, and returns the document, which is not written yet. */
  private Document write(Plan plan, Map<Plan.Key, ConvertedLayer> converted) throws IOException {
    return switch (plan) {
      case Plan.OfIndex index -> writeIndex(index, converted);
      case Plan.OfImage image -> writeImage(image, converted);
      case Plan.Carried(var document, var manifest) -> {
        Set<Digest> copied = new HashSet<>();
        for (Descriptor blob : manifest.layers()) {
          if (copied.add(blob.digest())) {
            layers.copy(blob);
          }
        }
        layers.copy(manifest.config());
        progress.line(
            "manifest %s: carried through unchanged, it is no container image"
                .formatted(document.digest()));
        yield document;
      }
    };
  }

  private Document writeIndex(Plan.OfIndex plan, Map<Plan.Key, ConvertedLayer> converted)
      throws IOException {
    List<Descriptor> entries = new ArrayList<>();
    for (Plan.Entry entry : plan.entries()) {
      Document document = write(entry.plan(), converted);
      destination.putManifest(document, document.digest().toString());
      entries.add(
          entry.plan() instanceof Plan.Carried
              ? entry.descriptor()
              : withFeature(replace(entry.descriptor(), document.descriptor())));
    }
    return plan.index().with(MediaTypes.OCI_INDEX, entries).document();
  }

  private Document writeImage(Plan.OfImage plan, Map<Plan.Key, ConvertedLayer> converted)
      throws IOException {
    List<Descriptor> descriptors = new ArrayList<>();
    List<Digest> diffIds = new ArrayList<>();
    for (Plan.Layer layer : plan.sourceLayers()) {
      ConvertedLayer made = converted.get(layer.key());
      if (made == null) {
        throw new IllegalStateException("not converted: " + layer);
      }
      Descriptor descriptor =
          replace(
              layer.descriptor(), Descriptor.of(mediaType.mediaType(), made.digest(), made.size()));
      descriptors.add(
          made.verity()
              .map(root -> VerityAnnotations.annotate(descriptor, root))
              .orElse(descriptor));
      diffIds.add(made.diffId());
    }
    ImageConfig config = plan.config().withDiffIds(diffIds).withOsFeature(OS_FEATURE);
    byte[] configBytes = config.bytes();
    Descriptor configDescriptor = ImageStore.describe(MediaTypes.OCI_CONFIG, configBytes);
    destination.putBlob(configDescriptor, Content.of(configBytes));
    Manifest manifest = plan.manifest();
    return manifest
        .with(MediaTypes.OCI_MANIFEST, replace(manifest.config(), configDescriptor), descriptors)
        .document();
  }

  private static Descriptor withFeature(Descriptor entry) {
    return entry
        .platform()
        .map(platform -> {
          Set<String> features = new HashSet<>(platform.osFeatures());
          features.add(OS_FEATURE);
          return entry.withPlatform(platform.withOsFeatures(features));
        })
        .orElse(entry);
  }

  /** Returns {@code old} for other content, without what it says of the old content itself. */
  private static Descriptor replace(Descriptor old, Descriptor content)
      throws RegistryException.Malformed {
    ObjectNode json = old.json();
    json.remove(List.of("urls", "data"));
    if (json.get("annotations") instanceof ObjectNode annotations) {
      old.annotations().keySet().stream()
          .filter(key -> FORMAT_ANNOTATIONS.stream().anyMatch(key::startsWith))
          .forEach(annotations::remove);
    }
    return Descriptor.parse(json)
        .withContent(content.mediaType(), content.digest(), content.size());
  }
}
