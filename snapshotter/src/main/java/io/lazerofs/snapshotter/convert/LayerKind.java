package io.lazerofs.snapshotter.convert;

import java.util.Set;

/** What conversion does with a layer, decided by its media type. */
sealed interface LayerKind {

  /** A tar stream, compressed or not: it is imported. */
  record Tar() implements LayerKind {}

  /** An EROFS image: it is kept. */
  record Erofs() implements LayerKind {}

  /**
   * A layer that cannot become an EROFS image.
   *
   * @param reason why, to be read after the media type
   */
  record Unconvertible(String reason) implements LayerKind {}

  /**
   * The media types of tar layers (OCI image specification, layer.md; Docker's image manifest
   * version 2, schema 2). How they are compressed is seen in the stream itself.
   */
  Set<String> TARS =
      Set.of(
          "application/vnd.oci.image.layer.v1.tar",
          "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.oci.image.layer.v1.tar+zstd",
          "application/vnd.docker.image.rootfs.diff.tar",
          "application/vnd.docker.image.rootfs.diff.tar.gzip",
          "application/vnd.docker.image.rootfs.diff.tar.zstd");

  /** Returns the kind of layers of a media type. */
  static LayerKind of(String mediaType) {
    if (TARS.contains(mediaType)) {
      return new Tar();
    }
    if (LayerMediaType.isErofs(mediaType)) {
      return new Erofs();
    }
    return new Unconvertible(reason(mediaType));
  }

  private static String reason(String mediaType) {
    if (mediaType.endsWith("+encrypted")) {
      return "it is encrypted; decrypt the image first";
    }
    if (mediaType.contains("nondistributable") || mediaType.contains(".foreign.")) {
      return "it is a foreign layer, which registries do not hold";
    }
    if (mediaType.startsWith(LayerMediaType.EROFS.mediaType() + "+")) {
      return "it is an EROFS image compressed as a whole, which no range can be read of";
    }
    return "it is no tar stream that is known here";
  }
}
