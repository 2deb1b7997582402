package io.lazerofs.snapshotter.convert;

/** How a manifest names an EROFS layer; the blob is the same. */
public enum LayerMediaType {
  /** EROFS's own media type, which containerd takes from 2.1 on. */
  EROFS("application/vnd.erofs.layer.v1"),

  /** A name below OCI's layers: containerd 1.x takes no other for a layer. */
  OCI("application/vnd.oci.image.layer.v1.erofs");

  private final String mediaType;

  LayerMediaType(String mediaType) {
    this.mediaType = mediaType;
  }

  public String mediaType() {
    return mediaType;
  }

  /** Whether {@code mediaType} is one of these. */
  public static boolean isErofs(String mediaType) {
    for (LayerMediaType type : values()) {
      if (type.mediaType.equals(mediaType)) {
        return true;
      }
    }
    return false;
  }
}
