package io.lazerofs.erofs.write;

import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leaves out the extended attributes that the format has no place for, and counts them. */
final class XattrFilter {
  private static final Logger log = LoggerFactory.getLogger(XattrFilter.class);

  private long dropped;

  /**
   * Returns those that the format has a place for.
   *
   * @param all by their full names, one character a byte
   * @throws IllegalArgumentException when the format cannot hold one of them, or all together
   */
  Xattrs keep(SortedMap<String, byte[]> all) {
    SortedMap<String, byte[]> kept = new TreeMap<>(all);
    kept.keySet().removeIf(name -> !Xattrs.hasPlace(name));
    dropped += all.size() - kept.size();
    return Xattrs.of(kept);
  }

  /** Returns how many were left out, and says so in the log. */
  long dropped() {
    if (dropped > 0) {
      log.warn("left out {} extended attributes: EROFS has no such namespaces", dropped);
    }
    return dropped;
  }
}
