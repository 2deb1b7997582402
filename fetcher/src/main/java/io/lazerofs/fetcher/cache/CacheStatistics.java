package io.lazerofs.fetcher.cache;

/**
 * How full a cache is, and what it did since it was opened.
 *
 * @param blobs open blobs
 * @param sealedBlobs those of them that are complete and checked
 * @param presentBytes bytes present in all open blobs
 * @param totalBytes their bytes in all
 * @param usedBytes bytes of the disk that the files of all blobs take, open or not
 * @param maxBytes the most that they may take; 0 while the cache could not take its directory
 * @param evictedBytes bytes that evictions gave back to the disk
 * @param passThroughBytes bytes that came, and were not kept because of the disk or the bound
 */
public record CacheStatistics(
    int blobs,
    int sealedBlobs,
    long presentBytes,
    long totalBytes,
    long usedBytes,
    long maxBytes,
    long evictedBytes,
    long passThroughBytes) {
  /** What there is to say where no cache is open. */
  public static final CacheStatistics NONE = new CacheStatistics(0, 0, 0, 0, 0, 0, 0, 0);
}
