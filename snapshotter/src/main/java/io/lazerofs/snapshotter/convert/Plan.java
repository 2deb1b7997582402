package io.lazerofs.snapshotter.convert;

import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageConfig;
import io.lazerofs.fetcher.registry.Index;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.source.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What is to be done with a document of the source image: a tree, as deep as its indexes are. */
sealed interface Plan {

  /** An index, of which some entries may have been left out. */
  record OfIndex(Index index, List<Entry> entries) implements Plan {}

  /** An entry of an index with what it names. */
  record Entry(Descriptor descriptor, Plan plan) {}

  /** A container image for one platform: its layers become EROFS images. */
  record OfImage(Manifest manifest, ImageConfig config) implements Plan {

    /** Returns the layers, the base first. */
    List<Layer> sourceLayers() {
      List<Layer> layers = new ArrayList<>();
      for (int i = 0; i < manifest.layers().size(); i++) {
        layers.add(new Layer(manifest.layers().get(i), config.diffIds().get(i)));
      }
      return layers;
    }
  }

  /** An artifact, such as an attestation: it is taken along with all that it names, unchanged. */
  record Carried(Document document, Manifest manifest) implements Plan {}

  /**
   * A layer of the source image.
   *
   * @param diffId the digest of its unpacked bytes, as the configuration has it
   */
  record Layer(Descriptor descriptor, Digest diffId) {

    /** Returns what makes two layers the same, whatever their annotations. */
    Key key() {
      return new Key(descriptor.digest(), diffId);
    }

    LayerKind kind() {
      return LayerKind.of(descriptor.mediaType());
    }
  }

  /** The content of a layer, packed and unpacked. */
  record Key(Digest digest, Digest diffId) {}

  /** Returns the container images of this tree in their order. */
  default Stream<OfImage> images() {
    return switch (this) {
      case OfIndex(var index, var entries) ->
          entries.stream().flatMap(entry -> entry.plan().images());
      case OfImage image -> Stream.of(image);
      case Carried carried -> Stream.empty();
    };
  }
}
