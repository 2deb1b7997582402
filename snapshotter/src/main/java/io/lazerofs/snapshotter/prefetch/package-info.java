/**
 * What the daemon fetches before anybody reads it.
 *
 * <pre>{@code
 * Prepare of a layer ── labels: image, manifest ──▶ ImagePrefetch ── TraceLookup ──▶ registry
 *                                                      │ a trace          │ none
 *                                                      ▼                  ▼
 *                                               TraceFollower       MetadataRegion of each layer
 *                                                      └── fetchForStart ───┘
 * nobody reads ──▶ BackgroundCompletion ── paced ──▶ fetchAhead, block after block
 * }</pre>
 *
 * <p>All of it is behind real reads, and none of it is waited for: a Prepare returns as soon as it
 * would without. The labels are containerd's (pkg/snapshotters/annotations.go).
 */
@NullMarked
package io.lazerofs.snapshotter.prefetch;

import org.jspecify.annotations.NullMarked;
