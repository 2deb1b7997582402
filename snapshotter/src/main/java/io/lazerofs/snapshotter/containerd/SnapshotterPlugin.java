package io.lazerofs.snapshotter.containerd;

import java.nio.file.Path;

/**
 * A snapshotter as containerd is told of it.
 *
 * @param name what it is called there
 * @param address its socket
 * @param root where its files are
 */
public record SnapshotterPlugin(String name, Path address, Path root) {}
