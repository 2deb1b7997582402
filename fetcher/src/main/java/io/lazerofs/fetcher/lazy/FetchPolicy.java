package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.CachedBlob;

/**
 * How much is asked of a registry at a time; all in bytes.
 *
 * @param unitBytes what a random miss fetches, at its natural alignment: one unit is never fetched
 *     twice at once; a power of two and at least a block of the cache
 * @param requestBytes the longest range of one request; a multiple of the unit
 * @param readAheadBytes how much is asked for at most each time that a sequential reader comes to
 *     what was asked for before: up to twice as much is ahead of it; a multiple of the unit, or 0
 *     for no read-ahead
 * @param windowBytes how much a single fill has under way at once; a multiple of the request
 * @param aheadConnections how many requests that no reader waits for are under way at once, for all
 *     blobs together
 */
public record FetchPolicy(
    int unitBytes, long requestBytes, long readAheadBytes, long windowBytes, int aheadConnections) {

  /**
   * 128 KiB is what one round trip of 5 ms brings at 200 Mbit/s, and what FUSE reads ahead;
   * requests of 4 MiB spend under a tenth of their time on a round trip of 20 ms at that rate. Four
   * of them at once, and the next four asked for when the reader comes to the first, leave no pause
   * between them on a line that carries less than 16 MiB in a round trip.
   */
  public static final FetchPolicy DEFAULT = new FetchPolicy(128 << 10, 4 << 20, 16 << 20, 16 << 20);

  public FetchPolicy {
    if (unitBytes < CachedBlob.BLOCK_BYTES
        || Integer.bitCount(unitBytes) != 1
        || requestBytes < unitBytes
        || requestBytes % unitBytes != 0
        || readAheadBytes < 0
        || readAheadBytes % unitBytes != 0
        || windowBytes < requestBytes
        || windowBytes % requestBytes != 0
        || aheadConnections < 1) {
      throw new IllegalArgumentException(
          "unit %d, request %d, read-ahead %d, window %d bytes; %d connections ahead"
              .formatted(unitBytes, requestBytes, readAheadBytes, windowBytes, aheadConnections));
    }
  }

  /** Returns this policy with at least so many connections for what is ahead. */
  public FetchPolicy withRoomFor(int connections) {
    return new FetchPolicy(
        unitBytes,
        requestBytes,
        readAheadBytes,
        windowBytes,
        Math.max(connections, aheadConnections));
  }

  /** Makes a policy with four connections for what is ahead. */
  public FetchPolicy(int unitBytes, long requestBytes, long readAheadBytes, long windowBytes) {
    this(unitBytes, requestBytes, readAheadBytes, windowBytes, 4);
  }
}
