package io.lazerofs.erofs;

/**
 * Where images keep what they decoded; all images of a process may share one of each.
 *
 * @param clusters content
 * @param metadata inodes, directories and xattrs
 */
public record Caches(ClusterCache clusters, MetadataCache metadata) {
  private static final long OWN_CLUSTER_BYTES = 16 << 20;
  private static final long OWN_METADATA_BYTES = 2 << 20;

  /** Returns empty caches for all images of a server. */
  public static Caches ofServer() {
    return new Caches(
        ClusterCache.ofBytes(ClusterCache.SERVER_BYTES),
        MetadataCache.ofBytes(MetadataCache.SERVER_BYTES));
  }

  /** Returns empty caches for an image of its own. */
  static Caches ofOne() {
    return of(ClusterCache.ofBytes(OWN_CLUSTER_BYTES));
  }

  /** Returns {@code clusters} with a cache for the metadata of one image. */
  public static Caches of(ClusterCache clusters) {
    return new Caches(clusters, MetadataCache.ofBytes(OWN_METADATA_BYTES));
  }
}
