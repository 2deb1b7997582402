package io.lazerofs.fetcher.cache;

/**
 * How full the open blobs of a cache are.
 *
 * @param blobs open blobs
 * @param sealedBlobs those of them that are complete and checked
 * @param presentBytes bytes present in all open blobs
 * @param totalBytes their bytes in all
 */
public record CacheStatistics(int blobs, int sealedBlobs, long presentBytes, long totalBytes) {}
