package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.Printable;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The count of layers that were not served lazily, by reason. Safe for use by many threads. */
public final class Fallbacks {
  private static final Logger log = LoggerFactory.getLogger(Fallbacks.class);

  private final Map<Fallback, LongAdder> counts = new ConcurrentHashMap<>();

  /**
   * Counts and logs one.
   *
   * @param layer what is left to containerd
   */
  void count(Fallback reason, String layer, String detail) {
    counts.computeIfAbsent(reason, first -> new LongAdder()).increment();
    log.info(
        "layer {} is not served lazily ({}): {}",
        Printable.of(layer),
        reason.word(),
        Printable.of(detail));
  }

  /** Returns the counts of the reasons that occurred. */
  public Map<String, Long> counts() {
    Map<String, Long> occurred = new TreeMap<>();
    counts.forEach((reason, count) -> occurred.put(reason.word(), count.sum()));
    return occurred;
  }
}
