package io.lazerofs.snapshotter.store;

import java.util.List;
import java.util.Map;

/**
 * All snapshots on record.
 *
 * @param snapshots those that can be read, in the order of their making
 * @param damaged the keys of the others, with what is wrong
 */
public record Listing(List<Snapshot> snapshots, Map<String, String> damaged) {
  public Listing {
    snapshots = List.copyOf(snapshots);
    damaged = Map.copyOf(damaged);
  }
}
