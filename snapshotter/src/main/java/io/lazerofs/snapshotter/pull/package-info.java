/**
 * Pulling an image into containerd as a client that knows of remote snapshots does.
 *
 * <pre>{@code
 * registry ── index, manifest, configuration ──▶ content store        (a few kilobytes)
 *
 * each layer, the base first:
 *   Snapshots.Prepare, labelled with the chain id it will be ─┬─▶ ALREADY_EXISTS: it is served lazily
 *                                                            └─▶ mounts: download, Diff.Apply, Commit
 *
 * Images.Create ──▶ `ctr run` finds the image, and all its snapshots
 * }</pre>
 *
 * <p>All of it happens under a lease, so that containerd's garbage collector leaves alone what is
 * not yet referred to; afterwards the labels on the content do that ({@code
 * containerd.io/gc.ref.…}).
 *
 * <p>The calls and labels are those of containerd's API, {@code api/services} and {@code
 * docs/garbage-collection.md}; the protocol of remote snapshots is described at LabelSnapshotRef in
 * {@code core/snapshots/snapshotter.go}.
 */
@NullMarked
package io.lazerofs.snapshotter.pull;

import org.jspecify.annotations.NullMarked;
