package io.lazerofs.fetcher.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lazerofs.source.Digest;
import java.util.Random;

/** Documents and blobs for tests. */
final class Samples {
  static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

  private Samples() {}

  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(42).nextBytes(bytes);
    return bytes;
  }

  static Descriptor blob(byte[] bytes) {
    return ImageStore.describe(LAYER_TYPE, bytes);
  }

  static byte[] manifest(Descriptor config, Descriptor layer) {
    return """
    {"schemaVersion":2,"mediaType":"%s","artifactType":"application/x-unknown",
     "config":%s,"layers":[%s],"annotations":{"a":"b"},"future":{"x":[1,2.50]}}\
    """
        .formatted(MediaTypes.OCI_MANIFEST, config.json(), layer.json())
        .getBytes(UTF_8);
  }

  static Document document() throws RegistryException {
    return Document.of(
        MediaTypes.OCI_MANIFEST,
        manifest(Descriptor.of(MediaTypes.OCI_CONFIG, Digest.of(bytes(10)), 10), blob(bytes(100))));
  }
}
