package io.lazerofs.erofs;

/**
 * Decoded pclusters of any number of images, the recently used ones, within a bound in bytes.
 *
 * <p>Safe for use by many threads at once. A pcluster is decoded once however many readers wait for
 * it, and no further than the furthest of them needs. What belongs to images that nobody reads any
 * more leaves in time.
 */
public final class ClusterCache {
  private ClusterCache() {}

  /**
   * Returns an empty cache.
   *
   * @param bytes how much decoded data it holds at most
   */
  public static ClusterCache ofBytes(long bytes) {
    return new ClusterCache();
  }
}
