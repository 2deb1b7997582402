package io.lazerofs.snapshotter.convert;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.MediaTypes;
import io.lazerofs.fetcher.registry.OciLayout;
import io.lazerofs.source.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** An image layout that is made by hand. */
final class Layout {
  static final ObjectMapper JSON = new ObjectMapper();
  static final String TAR_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";

  final Path directory;
  final OciLayout store;

  Layout(Path directory) {
    this.directory = directory;
    this.store = new OciLayout(directory);
  }

  /** Returns an archive of one file. */
  static byte[] tar(String name, String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      byte[] content = text.getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry(name, true);
      entry.setSize(content.length);
      entry.setModTime(1_000_000L);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    }
    return packed.toByteArray();
  }

  /** Adds a blob and returns its descriptor. */
  ObjectNode blob(String mediaType, byte[] bytes) throws IOException {
    var descriptor = ImageStore.describe(mediaType, bytes);
    store.putBlob(descriptor, ImageStore.Content.of(bytes));
    return descriptor.json();
  }

  /** Returns a configuration. */
  static ObjectNode config(String architecture, Digest... diffIds) {
    ObjectNode config =
        JSON.createObjectNode().put("os", "linux").put("architecture", architecture);
    ArrayNode ids = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    for (Digest diffId : diffIds) {
      ids.add(diffId.toString());
    }
    return config;
  }

  /** Returns a manifest of OCI's types, which is not in the store. */
  ObjectNode manifest(ObjectNode config, ObjectNode... layers) throws IOException {
    ObjectNode manifest = JSON.createObjectNode().put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
    manifest.set("config", blob(MediaTypes.OCI_CONFIG, JSON.writeValueAsBytes(config)));
    ArrayNode array = manifest.putArray("layers");
    for (ObjectNode layer : layers) {
      array.add(layer);
    }
    return manifest;
  }

  /** Puts a manifest or an index and returns its descriptor. */
  ObjectNode put(ObjectNode document, String tag) throws IOException {
    Document made =
        Document.of(document.path("mediaType").asText(), JSON.writeValueAsBytes(document));
    store.putManifest(made, tag.isEmpty() ? made.digest().toString() : tag);
    return made.descriptor().json();
  }

  /** Puts an image of one layer. */
  void putImage(String tag, byte[] tar) throws IOException {
    put(manifest(config("amd64", Digest.of(tar)), blob(TAR_GZIP, gzip(tar))), tag);
  }

  Path blobFile(String digest) {
    return directory.resolve("blobs/sha256").resolve(Digest.parse(digest).hex());
  }

  ObjectNode read(String digest) throws IOException {
    return (ObjectNode) JSON.readTree(Files.readAllBytes(blobFile(digest)));
  }
}
