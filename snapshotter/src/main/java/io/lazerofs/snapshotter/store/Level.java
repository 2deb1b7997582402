package io.lazerofs.snapshotter.store;

import java.util.Optional;

/**
 * Where one snapshot of a chain has its files.
 *
 * @param id the number of the snapshot, after which its directory is called
 * @param layer the index of the lazy layer that holds them instead of the directory
 */
public record Level(long id, Optional<Integer> layer) {}
