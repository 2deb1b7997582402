/**
 * Snapshots as something to mount: the one FUSE mount with its lazy layers, the directories of
 * ordinary snapshots, and the overlay options that put both together.
 *
 * <pre>{@code
 *                Snapshotter ─────────── SnapshotStore
 *                │    │    │
 * StateDirectory ┘    │    └ OverlayMounts     "lowerdir=ROOT/fs/2:ROOT/fs/1:ROOT/s/7/fs"
 * ROOT/s/7/fs         │
 *                     ▼
 *                LazyLayers                    what is committed of remote layers, and released
 *                     │
 *                     ▼
 *                OpenLayers ──▶ LayerTable     what ROOT/fs shows
 *                     │
 *                     ▼
 *                LayerSource ──▶ a registry    the only one that waits for a network
 * }</pre>
 *
 * <p>{@code Recovery} holds the record and the directories against each other at a start, and
 * {@code SetAside} has what cannot be used, with the reason.
 *
 * <p>What is mounted is what containerd's overlayfs snapshotter would have mounted
 * (plugins/snapshots/overlay/overlay.go); the kernel's Documentation/filesystems/overlayfs.rst has
 * the options.
 */
@NullMarked
package io.lazerofs.snapshotter.mount;

import org.jspecify.annotations.NullMarked;
