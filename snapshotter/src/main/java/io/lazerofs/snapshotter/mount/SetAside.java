package io.lazerofs.snapshotter.mount;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What cannot be used, and why: records, layers and directories that were found damaged or could
 * not be opened. Each is left where it is, and all else goes on. Safe for use by many threads.
 */
public final class SetAside {
  private static final Logger log = LoggerFactory.getLogger(SetAside.class);

  private final ConcurrentNavigableMap<String, String> reasons = new ConcurrentSkipListMap<>();

  /**
   * Notes and logs one; a later reason takes the place of an earlier one.
   *
   * @param what the thing, by the name that an administrator looks for it
   */
  public void add(String what, String why) {
    if (!why.equals(reasons.put(what, why))) {
      log.error("{} is set aside: {}", what, why);
    }
  }

  /** Forgets one that can be used again, or is gone. */
  public void remove(String what) {
    if (reasons.remove(what) != null) {
      log.info("{} is not set aside any more", what);
    }
  }

  /** Returns a line for each, its name first. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    reasons.forEach((what, why) -> lines.add(what + ": " + why));
    return lines;
  }
}
