package io.lazerofs.fetcher.cache;

import java.util.OptionalLong;

/**
 * How much of a disk a cache takes.
 *
 * @param maxBytes the most; if empty, nine tenths of what the file system has for the cache when it
 *     is opened: what is free, and what the cache takes already
 * @param highPercent of the most: when more is taken, blobs are evicted
 * @param lowPercent of the most: what is taken after that
 */
public record CacheLimits(OptionalLong maxBytes, int highPercent, int lowPercent) {

  public static final CacheLimits DEFAULT = new CacheLimits(OptionalLong.empty(), 95, 85);

  public CacheLimits {
    if (maxBytes.orElse(1) < 1 || lowPercent < 1 || highPercent < lowPercent || highPercent > 100) {
      throw new IllegalArgumentException(
          "at most %s bytes, evicted from %d to %d percent"
              .formatted(maxBytes, highPercent, lowPercent));
    }
  }
}
