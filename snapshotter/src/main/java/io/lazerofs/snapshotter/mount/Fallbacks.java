package io.lazerofs.snapshotter.mount;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The count of layers that were not served lazily, by reason. Safe for use by many threads. */
public final class Fallbacks {
  private static final Logger log = LoggerFactory.getLogger(Fallbacks.class);

  private final AtomicLongArray counts = new AtomicLongArray(Fallback.values().length);

  /**
   * Counts and logs one.
   *
   * @param layer what is left to containerd
   */
  void count(Fallback reason, String layer, String detail) {
    counts.incrementAndGet(reason.ordinal());
    log.info("layer {} is not served lazily ({}): {}", layer, reason.word(), detail);
  }

  /** Returns the counts of the reasons that occurred. */
  public Map<String, Long> counts() {
    Map<String, Long> occurred = new TreeMap<>();
    for (Fallback reason : Fallback.values()) {
      long count = counts.get(reason.ordinal());
      if (count > 0) {
        occurred.put(reason.word(), count);
      }
    }
    return occurred;
  }
}
