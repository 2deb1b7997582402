package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.source.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A blob that belongs to an image and is none itself: what a manifest of the {@code artifactType}
 * says of it (image-spec, manifest.md, "Guidelines for Artifact Usage").
 *
 * @param type what kind of artifact it is
 * @param subject the manifest of the image that it belongs to
 * @param content the blob
 * @param annotations of the manifest, and of the descriptor that lists it
 */
public record Artifact(
    String type, Descriptor subject, Descriptor content, Map<String, String> annotations) {
  /** The annotation that tells when an artifact was made, as RFC 3339 writes it. */
  public static final String CREATED = "org.opencontainers.image.created";

  static final byte[] EMPTY_CONFIG = "{}".getBytes(StandardCharsets.UTF_8);
  static final Descriptor EMPTY =
      Descriptor.of(MediaTypes.OCI_EMPTY, Digest.of(EMPTY_CONFIG), EMPTY_CONFIG.length);

  public Artifact {
    annotations = Map.copyOf(annotations);
  }

  /** Returns the manifest. */
  Document document() {
    ObjectNode json =
        Json.object()
            .put("schemaVersion", 2)
            .put("mediaType", MediaTypes.OCI_MANIFEST)
            .put("artifactType", type);
    json.set("config", EMPTY.json());
    json.set("layers", Json.array(List.of(content.json())));
    json.set("subject", subject.json());
    putAnnotations(json);
    return Document.of(MediaTypes.OCI_MANIFEST, json);
  }

  /** Returns the manifest's descriptor as lists of referrers have it. */
  Descriptor descriptor() throws RegistryException.Malformed {
    ObjectNode json = document().descriptor().json().put("artifactType", type);
    putAnnotations(json);
    return Descriptor.parse(json);
  }

  private void putAnnotations(ObjectNode json) {
    ObjectNode object = json.putObject("annotations");
    annotations.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> object.put(entry.getKey(), entry.getValue()));
  }
}
