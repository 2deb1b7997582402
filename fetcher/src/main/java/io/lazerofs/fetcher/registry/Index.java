package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One image for several platforms: a list of manifests (image-spec, image-index.md; Docker's
 * manifest list). Immutable; fields that are not known here are kept in copies.
 */
public final class Index {
  private final String mediaType;
  private final ObjectNode json;
  private final List<Descriptor> manifests;

  private Index(String mediaType, ObjectNode json) throws RegistryException.Malformed {
    this.mediaType = mediaType;
    this.json = json;
    this.manifests = Manifest.descriptors(json, "manifests", Limits.MANIFESTS);
  }

  /**
   * Reads an index.
   *
   * @throws RegistryException.Malformed when it is a manifest or breaks the specification
   */
  public static Index parse(Document document) throws RegistryException.Malformed {
    if (!document.isIndex()) {
      throw new RegistryException.Malformed("index " + document.digest(), "it is a manifest");
    }
    return new Index(
        document.mediaType(), Json.parseObject(document.bytes(), "index " + document.digest()));
  }

  /** Returns an index without manifests. */
  static Index empty() {
    ObjectNode json = Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
    json.putArray("manifests");
    return trusted(MediaTypes.OCI_INDEX, json);
  }

  public String mediaType() {
    return mediaType;
  }

  /** Returns the manifests in their order, unmodifiable. */
  public List<Descriptor> manifests() {
    return manifests;
  }

  /**
   * Returns the manifest that a machine should run: of those that run on it the one for its highest
   * variant, then with the most features, then the first. Entries without a platform (attestations,
   * artifacts) are left out.
   */
  public Optional<Descriptor> choose(Platform machine) {
    return manifests.stream()
        .filter(manifest -> manifest.platform().filter(machine::runs).isPresent())
        .min(
            Comparator.comparing(
                manifest -> manifest.platform().map(machine::fit).orElse(0),
                Comparator.reverseOrder()));
  }

  /**
   * Returns this index of other manifests.
   *
   * @param otherMediaType {@link MediaTypes#OCI_INDEX} when the manifests have OCI's types
   */
  public Index with(String otherMediaType, List<Descriptor> otherManifests) {
    ObjectNode copy = json.deepCopy();
    copy.put("mediaType", otherMediaType);
    copy.set("manifests", Json.array(otherManifests.stream().map(Descriptor::json).toList()));
    return trusted(otherMediaType, copy);
  }

  private static Index trusted(String mediaType, ObjectNode json) {
    try {
      return new Index(mediaType, json);
    } catch (RegistryException.Malformed e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Returns this index as a store takes it: the same bytes for the same index. */
  public Document document() {
    return Document.of(mediaType, json);
  }
}
