package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One image for one platform: a configuration and layers, the base first (image-spec, manifest.md).
 * Immutable; fields that are not known here are kept in copies.
 */
public final class Manifest {
  private final String mediaType;
  private final ObjectNode json;
  private final Descriptor config;
  private final List<Descriptor> layers;
  private final Map<String, String> annotations;

  private Manifest(String mediaType, ObjectNode json) throws RegistryException.Malformed {
    this.mediaType = mediaType;
    this.json = json;
    this.config = Descriptor.parse(json.path("config"));
    this.layers = descriptors(json, "layers", Limits.LAYERS);
    this.annotations = Json.textMap(json, "annotations");
  }

  /**
   * Reads a manifest.
   *
   * @throws RegistryException.Malformed when it is an index, breaks the specification, or has more
   *     layers than can be mounted
   */
  public static Manifest parse(Document document) throws RegistryException.Malformed {
    if (document.isIndex()) {
      throw new RegistryException.Malformed("manifest " + document.digest(), "it is an index");
    }
    String what = "manifest " + document.digest();
    ObjectNode json = Json.parseObject(document.bytes(), what);
    int layers = json.path("layers").size();
    if (layers > Limits.LAYERS) {
      throw new RegistryException.Malformed(
          what,
          "has %d layers, and no more than %d can be mounted".formatted(layers, Limits.LAYERS));
    }
    return new Manifest(document.mediaType(), json);
  }

  static List<Descriptor> descriptors(JsonNode json, String field, int most)
      throws RegistryException.Malformed {
    List<Descriptor> descriptors = new ArrayList<>();
    for (JsonNode element : Json.elements(json, field, most)) {
      descriptors.add(Descriptor.parse(element));
    }
    return List.copyOf(descriptors);
  }

  public String mediaType() {
    return mediaType;
  }

  public Descriptor config() {
    return config;
  }

  /** Returns the layers, the base first; unmodifiable. */
  public List<Descriptor> layers() {
    return layers;
  }

  /** Returns the annotations, unmodifiable and possibly empty. */
  public Map<String, String> annotations() {
    return annotations;
  }

  /**
   * Returns this manifest of another configuration and other layers.
   *
   * @param otherMediaType {@link MediaTypes#OCI_MANIFEST} when the parts have OCI's types
   */
  public Manifest with(
      String otherMediaType, Descriptor otherConfig, List<Descriptor> otherLayers) {
    ObjectNode copy = json.deepCopy();
    copy.put("mediaType", otherMediaType);
    copy.set("config", otherConfig.json());
    copy.set("layers", Json.array(otherLayers.stream().map(Descriptor::json).toList()));
    return trusted(otherMediaType, copy);
  }

  /** Returns this manifest with one annotation more, or with another value of it. */
  public Manifest withAnnotation(String key, String value) {
    ObjectNode copy = json.deepCopy();
    copy.withObjectProperty("annotations").put(key, value);
    return trusted(mediaType, copy);
  }

  /** Returns this manifest as a store takes it: the same bytes for the same manifest. */
  public Document document() {
    return Document.of(mediaType, json);
  }

  private static Manifest trusted(String mediaType, ObjectNode json) {
    try {
      return new Manifest(mediaType, json);
    } catch (RegistryException.Malformed e) {
      throw new IllegalArgumentException(e);
    }
  }
}
