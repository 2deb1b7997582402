package io.lazerofs.snapshotter.pull;

import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.ImageLocation;
import io.lazerofs.fetcher.registry.Index;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.RegistryRepository;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The labels that a pull puts on content and snapshots. */
final class Labels {
  /** The longest label that containerd takes, key and value together, in bytes. */
  static final int MAX_BYTES = 4096;

  private static final String GC_CONTENT = "containerd.io/gc.ref.content.";
  private static final String GC_SNAPSHOT = "containerd.io/gc.ref.snapshot.";
  private static final String SOURCE = "containerd.io/distribution.source.";

  /** What the labels begin with that containerd hands on to the snapshotter. */
  private static final String INHERITED = "containerd.io/snapshot/";

  private final String registry;
  private final String repository;

  private Labels(String registry, String repository) {
    this.registry = registry;
    this.repository = repository;
  }

  /**
   * Returns the labels of what belongs to an image.
   *
   * @throws IOException when it is in no registry, so that nobody could fetch it later
   */
  static Labels of(ImageLocation image) throws IOException {
    if (!(image.store() instanceof RegistryRepository)) {
      throw new IOException(image + ": not in a registry; push it to one first");
    }
    String name = image.toString();
    int slash = name.indexOf('/');
    int end = name.length() - image.reference().length() - 1;
    return new Labels(name.substring(0, slash), name.substring(slash + 1, end));
  }

  /** Returns the labels of an index: it keeps its manifests. */
  Map<String, String> ofIndex(Index index) {
    Map<String, String> labels = ofLeaf();
    for (int i = 0; i < index.manifests().size(); i++) {
      labels.put(GC_CONTENT + "m." + i, index.manifests().get(i).digest().toString());
    }
    return labels;
  }

  /** Returns the labels of a manifest: it keeps its configuration and layers. */
  Map<String, String> ofManifest(Manifest manifest) {
    Map<String, String> labels = ofLeaf();
    labels.put(GC_CONTENT + "config", manifest.config().digest().toString());
    for (int i = 0; i < manifest.layers().size(); i++) {
      labels.put(GC_CONTENT + "l." + i, manifest.layers().get(i).digest().toString());
    }
    return labels;
  }

  /**
   * Returns the labels of a configuration: it keeps the snapshot of all layers, if there are any.
   */
  Map<String, String> ofConfig(String snapshotter, List<Digest> chainIds) {
    Map<String, String> labels = ofLeaf();
    if (!chainIds.isEmpty()) {
      labels.put(GC_SNAPSHOT + snapshotter, chainIds.getLast().toString());
    }
    return labels;
  }

  /** Returns the labels of a layer whose unpacked bytes have the digest {@code diffId}. */
  Map<String, String> ofLayer(Digest diffId) {
    Map<String, String> labels = ofLeaf();
    labels.put("containerd.io/uncompressed", diffId.toString());
    return labels;
  }

  private Map<String, String> ofLeaf() {
    Map<String, String> labels = new TreeMap<>();
    labels.put(SOURCE + registry, repository);
    return labels;
  }

  /**
   * Returns the labels that the snapshotter gets with a layer: what the layer is, where it comes
   * from, and the chain id that the snapshot has to be committed as.
   *
   * @param image the image's full name
   * @param manifest the manifest's digest
   * @param layers all layers of the image, the base first
   * @param index which of them it is
   */
  static Map<String, String> ofSnapshot(
      String image, Digest manifest, List<Descriptor> layers, int index, Digest chainId) {
    Map<String, String> labels = new TreeMap<>();
    layers
        .get(index)
        .annotations()
        .forEach((key, value) -> {
          if (key.startsWith(INHERITED)) {
            labels.put(key, value);
          }
        });
    labels.put("containerd.io/snapshot.ref", chainId.toString());
    labels.put(INHERITED + "cri.image-ref", image);
    labels.put(INHERITED + "cri.manifest-digest", manifest.toString());
    labels.put(INHERITED + "cri.layer-digest", layers.get(index).digest().toString());
    String following = INHERITED + "cri.image-layers";
    labels.put(
        following, join(layers.subList(index, layers.size()), MAX_BYTES - following.length()));
    return labels;
  }

  /** Joins as many digests with commas as fit into {@code maxBytes}. */
  private static String join(List<Descriptor> layers, int maxBytes) {
    StringBuilder joined = new StringBuilder();
    for (Descriptor layer : layers) {
      String next = (joined.isEmpty() ? "" : ",") + layer.digest();
      if (joined.length() + next.length() > maxBytes) {
        break;
      }
      joined.append(next);
    }
    return joined.toString();
  }
}
