package io.lazerofs.snapshotter.store;

import java.util.Optional;

/**
 * A snapshot that is off the record.
 *
 * @param id the number that it had
 * @param released the index of the layer that went with it, as no other snapshot uses that
 */
public record Removed(long id, Optional<Integer> released) {}
