package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.util.List;

/**
 * How many bytes of disk the files of a cache take: what was last measured, and what was written
 * and given back since. Writers say what they are about to write, so it is seldom less than what is
 * taken; what they did not write after all is found by the next measurement. Safe for use by many
 * threads.
 */
final class CacheUsage {
  private final CacheDirectory directory;
  private long bytes;
  private long growth;

  CacheUsage(CacheDirectory directory) {
    this.directory = directory;
  }

  synchronized long bytes() {
    return bytes;
  }

  /** Adds bytes that will be taken; returns the sum. */
  synchronized long add(long more) {
    bytes += more;
    growth += more;
    return bytes;
  }

  /** Subtracts bytes that were given back, or are not taken after all. */
  synchronized void subtract(long less) {
    bytes -= less;
  }

  /** Asks the file system; returns what it says, blob by blob. */
  List<StoredBlob> measure() throws IOException {
    long before = growth();
    List<StoredBlob> stored = directory.stored();
    long measured = stored.stream().mapToLong(StoredBlob::allocatedBytes).sum();
    synchronized (this) {
      // What grew meanwhile may be in the measurement or not; it is counted in.
      bytes = measured + (growth - before);
    }
    return stored;
  }

  private synchronized long growth() {
    return growth;
  }
}
