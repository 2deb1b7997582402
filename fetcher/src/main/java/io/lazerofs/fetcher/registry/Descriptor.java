package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.source.Digest;
import java.util.Map;
import java.util.Optional;

/**
 * What one document says of another or of a blob: its type, its digest and its size (image-spec,
 * descriptor.md). Immutable; fields that are not known here are kept in copies.
 */
public final class Descriptor {
  private final ObjectNode json;
  private final String mediaType;
  private final Digest digest;
  private final long size;
  private final Map<String, String> annotations;
  private final Optional<Platform> platform;

  private Descriptor(ObjectNode json) throws RegistryException.Malformed {
    this.json = json;
    this.mediaType = Json.requiredText(json, "mediaType");
    this.digest = Json.digest(Json.requiredText(json, "digest"));
    this.size = Json.requiredSize(json, "size");
    this.annotations = Json.textMap(json, "annotations");
    this.platform =
        json.path("platform").isObject()
            ? Optional.of(Platform.of(json.path("platform")))
            : Optional.empty();
  }

  /** Returns a descriptor without annotations. */
  public static Descriptor of(String mediaType, Digest digest, long size) {
    return trusted(
        Json.object()
            .put("mediaType", mediaType)
            .put("digest", digest.toString())
            .put("size", size));
  }

  /**
   * Reads a descriptor out of a document.
   *
   * @throws RegistryException.Malformed when a required field is missing or of the wrong type
   */
  public static Descriptor parse(JsonNode json) throws RegistryException.Malformed {
    if (json instanceof ObjectNode object) {
      return new Descriptor(object.deepCopy());
    }
    throw new RegistryException.Malformed("descriptor", "not a JSON object");
  }

  public String mediaType() {
    return mediaType;
  }

  public Digest digest() {
    return digest;
  }

  /** Returns the size of the content in bytes, 0 or more. */
  public long size() {
    return size;
  }

  /** Returns the annotations, unmodifiable and possibly empty. */
  public Map<String, String> annotations() {
    return annotations;
  }

  /** Returns the platform that the content is for, when the descriptor says so. */
  public Optional<Platform> platform() {
    return platform;
  }

  /** Returns a copy of the whole descriptor with the fields that are not known here. */
  public ObjectNode json() {
    return json.deepCopy();
  }

  /** Returns this descriptor for other content: its annotations and unknown fields stay. */
  public Descriptor withContent(String otherMediaType, Digest otherDigest, long otherSize) {
    ObjectNode copy = json();
    copy.put("mediaType", otherMediaType);
    copy.put("digest", otherDigest.toString());
    copy.put("size", otherSize);
    return trusted(copy);
  }

  /** Returns this descriptor with one annotation more, or with another value of it. */
  public Descriptor withAnnotation(String key, String value) {
    ObjectNode copy = json();
    copy.withObjectProperty("annotations").put(key, value);
    return trusted(copy);
  }

  /** Returns this descriptor for content of another platform. */
  public Descriptor withPlatform(Platform other) {
    ObjectNode copy = json();
    other.writeTo(copy.withObjectProperty("platform"));
    return trusted(copy);
  }

  private static Descriptor trusted(ObjectNode json) {
    try {
      return new Descriptor(json);
    } catch (RegistryException.Malformed e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Descriptor descriptor && json.equals(descriptor.json);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  /** Returns the digest with the type and the size, for logs and messages. */
  @Override
  public String toString() {
    return "%s (%s, %d bytes)".formatted(digest, mediaType, size);
  }
}
