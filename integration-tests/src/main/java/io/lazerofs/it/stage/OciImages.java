package io.lazerofs.it.stage;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.source.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Small test images: layers of busybox and a few files, as OCI layouts. */
public final class OciImages {
  private static final ObjectMapper JSON = new ObjectMapper();

  private OciImages() {}

  /** A layer with Debian's static busybox as {@code /bin/sh} and a few other commands. */
  public static byte[] busybox() throws IOException {
    var layer =
        new TarLayer()
            .directory("bin")
            .file("bin/busybox", Files.readAllBytes(Path.of("/bin/busybox")))
            .directory("dev")
            .directory("proc")
            .directory("sys")
            .directory("tmp");
    for (var name : List.of("sh", "base64", "cat", "dd", "echo", "head", "sha256sum")) {
      layer.symlink("bin/" + name, "busybox");
    }
    return layer.tar();
  }

  /**
   * A layer of an image.
   *
   * @param diffId the digest of the blob as it is before compression
   */
  public record Layer(String mediaType, byte[] blob, Digest diffId) {

    /** A tar archive, to be compressed by gzip. */
    public static Layer ordinary(byte[] tar) throws IOException {
      var mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
      return new Layer(mediaType, TarLayer.gzip(tar), Digest.of(tar));
    }

    /** An EROFS image of a tar archive. */
    public static Layer erofs(byte[] tar, String mediaType) throws IOException {
      var image = Files.createTempFile("layer", ".erofs");
      try {
        TarImporter.importTar(new ByteArrayInputStream(tar), image, WriteOptions.defaults());
        var blob = Files.readAllBytes(image);
        return new Layer(mediaType, blob, Digest.of(blob));
      } finally {
        Files.delete(image);
      }
    }
  }

  /**
   * Writes an OCI layout with one image of ordinary layers, tagged {@code latest}.
   *
   * @param dir where; it is created
   * @param tars its layers as tar archives, the lowest first; written compressed by gzip
   * @return {@code dir}
   */
  public static Path layout(Path dir, byte[]... tars) throws IOException {
    return layout(dir, List.of("sh"), tars);
  }

  /**
   * Writes an OCI layout with one image of ordinary layers, as above.
   *
   * @param command what a container of it runs if nothing else is said
   */
  public static Path layout(Path dir, List<String> command, byte[]... tars) throws IOException {
    var layers = new ArrayList<Layer>();
    for (var tar : tars) {
      layers.add(Layer.ordinary(tar));
    }
    return layout(dir, command, layers);
  }

  /** Writes an OCI layout likewise, of any layers. */
  public static Path layout(Path dir, List<Layer> contents) throws IOException {
    return layout(dir, List.of("sh"), contents);
  }

  private static Path layout(Path dir, List<String> command, List<Layer> contents)
      throws IOException {
    var blobs = Files.createDirectories(dir.resolve("blobs/sha256"));
    var layers = new ArrayList<Map<String, Object>>();
    var diffIds = new ArrayList<String>();
    for (var layer : contents) {
      diffIds.add(layer.diffId().toString());
      layers.add(put(blobs, layer.mediaType(), layer.blob()));
    }
    var config =
        Map.of(
            "architecture", architecture(),
            "os", "linux",
            "config", Map.of("Env", List.of("PATH=/bin"), "Cmd", command),
            "rootfs", Map.of("type", "layers", "diff_ids", diffIds));
    var manifest =
        Map.of(
            "schemaVersion",
            2,
            "mediaType",
            "application/vnd.oci.image.manifest.v1+json",
            "config",
            put(blobs, "application/vnd.oci.image.config.v1+json", JSON.writeValueAsBytes(config)),
            "layers",
            layers);
    var described =
        put(blobs, "application/vnd.oci.image.manifest.v1+json", JSON.writeValueAsBytes(manifest));
    described.put("annotations", Map.of("org.opencontainers.image.ref.name", "latest"));
    JSON.writeValue(
        dir.resolve("index.json").toFile(),
        Map.of("schemaVersion", 2, "manifests", List.of(described)));
    Files.writeString(dir.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    return dir;
  }

  private static Map<String, Object> put(Path blobs, String mediaType, byte[] blob)
      throws IOException {
    var digest = Digest.of(blob);
    Files.write(blobs.resolve(digest.hex()), blob);
    var descriptor = new LinkedHashMap<String, Object>();
    descriptor.put("mediaType", mediaType);
    descriptor.put("digest", digest.toString());
    descriptor.put("size", blob.length);
    return descriptor;
  }

  private static String architecture() {
    var name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return name.equals("aarch64") ? "arm64" : name;
  }
}
