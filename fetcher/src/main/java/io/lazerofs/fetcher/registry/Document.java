package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.source.Digest;

/**
 * The bytes of a manifest or an index as a store holds them, with their media type. The digest is
 * that of the bytes, computed here. Immutable.
 */
public final class Document {
  /** The largest document that is read, in bytes: what the distribution specification asks for. */
  public static final int MAX_BYTES = 4 << 20;

  private final String mediaType;
  private final byte[] bytes;
  private final Digest digest;

  private Document(String mediaType, byte[] bytes) {
    this.mediaType = mediaType;
    this.bytes = bytes;
    this.digest = Digest.of(bytes);
  }

  /**
   * Returns a document of these bytes.
   *
   * @param mediaType what the store says it is; a {@code mediaType} field in it goes before
   * @throws RegistryException.Malformed when it is neither a manifest nor an index, could be read
   *     as both, or is larger than {@link #MAX_BYTES}
   */
  public static Document of(String mediaType, byte[] bytes) throws RegistryException.Malformed {
    String what = "manifest " + Digest.of(bytes);
    if (bytes.length > MAX_BYTES) {
      throw new RegistryException.Malformed(what, "larger than " + MAX_BYTES + " bytes");
    }
    ObjectNode json = Json.parseObject(bytes, what);
    String type = Json.text(json, "mediaType").orElse(mediaType);
    // A document that is both would be one image to one client and another to the next.
    if (json.has("manifests") && (json.has("layers") || json.has("config"))) {
      throw new RegistryException.Malformed(what, "has both manifests and layers");
    }
    if (MediaTypes.isIndex(type) != json.has("manifests")
        || !(MediaTypes.isIndex(type) || MediaTypes.isManifest(type))) {
      throw new RegistryException.Malformed(
          what,
          "of the type '"
              + type
              + "', no manifest or index of OCI or of Docker's version 2 schema");
    }
    return new Document(type, bytes.clone());
  }

  static Document of(String mediaType, ObjectNode json) {
    return new Document(mediaType, Json.bytes(json));
  }

  public String mediaType() {
    return mediaType;
  }

  public Digest digest() {
    return digest;
  }

  /** Returns a copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns whether this lists manifests: then {@link Index#parse} reads it. */
  public boolean isIndex() {
    return MediaTypes.isIndex(mediaType);
  }

  /** Returns a descriptor of this document, without platform and annotations. */
  public Descriptor descriptor() {
    return Descriptor.of(mediaType, digest, bytes.length);
  }

  @Override
  public String toString() {
    return descriptor().toString();
  }
}
