/**
 * The record of all snapshots and of the lazy layers that they use: one SQLite file, in WAL mode.
 *
 * <p>A snapshot is what containerd calls one (its {@code core/snapshots/snapshotter.go} is the
 * specification): active or a view while it has a key, committed once it has a name, standing on a
 * chain of committed parents. Each has a number that is never used again, after which its directory
 * is called. A snapshot of a lazy layer has no files of its own; it names a layer of the mount by
 * index and generation, and all snapshots of one blob share one layer:
 *
 * <pre>{@code
 * "extract-1 sha256:c"  active     7 ──┐
 * "sha256:b"            committed  4 ◀─┘ ──┐              ┌─▶ layer 2, generation 1: blob sha256:…
 * "sha256:a"            committed  3 ◀─────┘  ── layer ───┘
 * }</pre>
 *
 * <p>Every change of state is one {@link io.lazerofs.snapshotter.store.Transaction}: all of it is
 * on the disk or none of it.
 */
@NullMarked
package io.lazerofs.snapshotter.store;

import org.jspecify.annotations.NullMarked;
