package io.lazerofs.snapshotter.store;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A snapshot as it is on record.
 *
 * @param id its number, at least 1; no other snapshot ever has it
 * @param key the key of an active snapshot or a view, the name of a committed one
 * @param parent the name of the committed snapshot that it stands on
 * @param updated when its labels were last changed
 * @param layer the index of the lazy layer that holds its files; empty when they are in its own
 *     directory
 */
public record Snapshot(
    long id,
    String key,
    Optional<String> parent,
    Kind kind,
    Map<String, String> labels,
    Instant created,
    Instant updated,
    Optional<Integer> layer) {

  public Snapshot {
    labels = Map.copyOf(labels);
  }
}
