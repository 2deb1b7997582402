package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.CachedBlob;

/**
 * How much is asked of a registry at a time; all in bytes.
 *
 * @param unitBytes what a random miss fetches, at its natural alignment: one unit is never fetched
 *     twice at once; a power of two and at least two blocks of the cache, since the first two of a
 *     hash tree verify each other
 * @param requestBytes the longest range of one request; a multiple of the unit
 * @param readAheadBytes how far sequential reading is run ahead of at most; a multiple of the unit,
 *     or 0 for no read-ahead
 * @param windowBytes how much a single fill has under way at once; a multiple of the request
 */
public record FetchPolicy(int unitBytes, long requestBytes, long readAheadBytes, long windowBytes) {

  /**
   * 128 KiB is what one round trip of 5 ms brings at 200 Mbit/s, and what FUSE reads ahead;
   * requests of 4 MiB spend under a tenth of their time on a round trip of 20 ms at that rate.
   */
  public static final FetchPolicy DEFAULT = new FetchPolicy(128 << 10, 4 << 20, 4 << 20, 16 << 20);

  public FetchPolicy {
    if (unitBytes < 2 * CachedBlob.BLOCK_BYTES
        || Integer.bitCount(unitBytes) != 1
        || requestBytes < unitBytes
        || requestBytes % unitBytes != 0
        || readAheadBytes < 0
        || readAheadBytes % unitBytes != 0
        || windowBytes < requestBytes
        || windowBytes % requestBytes != 0) {
      throw new IllegalArgumentException(
          "unit %d, request %d, read-ahead %d, window %d bytes"
              .formatted(unitBytes, requestBytes, readAheadBytes, windowBytes));
    }
  }
}
