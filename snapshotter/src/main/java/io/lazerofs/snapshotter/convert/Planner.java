package io.lazerofs.snapshotter.convert;

import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageConfig;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.Index;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.MediaTypes;
import io.lazerofs.fetcher.registry.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads the documents of an image and says what is to be done with each; refuses what cannot be
 * converted before any work is done.
 */
final class Planner {
  private static final Set<String> IMAGE_CONFIGS =
      Set.of(MediaTypes.OCI_CONFIG, "application/vnd.docker.container.image.v1+json");

  /** Indexes may name indexes; nothing real goes deeper than this. */
  private static final int MAX_DEPTH = 4;

  private final ImageStore source;
  private final String name;
  private final List<Platform> platforms;

  /**
   * @param name the image as the user wrote it, for messages
   * @param platforms which images of an index to convert; all when empty
   */
  Planner(ImageStore source, String name, List<Platform> platforms) {
    this.source = source;
    this.name = name;
    this.platforms = List.copyOf(platforms);
  }

  /** Plans the conversion of a whole image. */
  Plan plan(Document top) throws IOException {
    Plan plan = plan(top, 0);
    if (plan instanceof Plan.Carried(var document, var manifest)) {
      throw new ConversionException(
          name + ": not a container image, its configuration is " + manifest.config().mediaType());
    }
    if (plan.images().findAny().isEmpty()) {
      throw new ConversionException(
          platforms.isEmpty() ? name + ": holds no container image" : noPlatform());
    }
    if (plan instanceof Plan.OfImage image && !wanted(image.config().platform())) {
      throw new ConversionException(noPlatform());
    }
    refuseUnconvertible(plan);
    return plan;
  }

  private Plan plan(Document document, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new ConversionException(name + ": more than " + MAX_DEPTH + " indexes in one another");
    }
    return document.isIndex() ? planIndex(Index.parse(document), depth) : planManifest(document);
  }

  private Plan planIndex(Index index, int depth) throws IOException {
    List<Plan.Entry> entries = new ArrayList<>();
    for (Descriptor entry : index.manifests()) {
      if (entry.platform().map(this::wanted).orElse(platforms.isEmpty())) {
        Document document = source.resolve(entry.digest().toString());
        entries.add(new Plan.Entry(entry, plan(document, depth + 1)));
      }
    }
    return new Plan.OfIndex(index, List.copyOf(entries));
  }

  private Plan planManifest(Document document) throws IOException {
    Manifest manifest = Manifest.parse(document);
    if (!IMAGE_CONFIGS.contains(manifest.config().mediaType()) || isAttestation(manifest)) {
      return new Plan.Carried(document, manifest);
    }
    ImageConfig config = ImageConfig.parse(source.readBlob(manifest.config()));
    if (config.diffIds().size() != manifest.layers().size()) {
      throw new ConversionException(
          "%s: manifest %s has %d layers, and its configuration diff ids of %d"
              .formatted(
                  name, document.digest(), manifest.layers().size(), config.diffIds().size()));
    }
    return new Plan.OfImage(manifest, config);
  }

  /** Whether it is an attestation of BuildKit's: an image in form, whose layers are statements. */
  private static boolean isAttestation(Manifest manifest) {
    return !manifest.layers().isEmpty()
        && manifest.layers().stream()
            .allMatch(layer -> layer.mediaType().equals("application/vnd.in-toto+json"));
  }

  private boolean wanted(Platform image) {
    return platforms.isEmpty()
        || platforms.stream()
            .anyMatch(platform -> platform.withOsFeatures(image.osFeatures()).equals(image));
  }

  private String noPlatform() {
    return name
        + ": holds no image for "
        + String.join(", ", platforms.stream().map(Platform::toString).toList());
  }

  private void refuseUnconvertible(Plan plan) throws ConversionException {
    List<String> reasons =
        plan.images()
            .flatMap(image -> image.manifest().layers().stream())
            .flatMap(layer ->
                LayerKind.of(layer.mediaType()) instanceof LayerKind.Unconvertible(var reason)
                    ? Stream.of("%s (%s): %s".formatted(layer.digest(), layer.mediaType(), reason))
                    : Stream.empty())
            .distinct()
            .toList();
    if (!reasons.isEmpty()) {
      throw new ConversionException(
          name + ": cannot convert layer " + String.join("; layer ", reasons));
    }
  }
}
