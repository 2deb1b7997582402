/**
 * What an administrator does to a cache: look at it, give disk back, have it verified. The same
 * code works in the daemon, asked over its socket, and in a command while no daemon runs.
 *
 * <pre>{@code
 * lazerofs cache ls|prune|verify
 *    │ a daemon serves               │ none does: the command takes the root's lock
 *    ▼                               ▼
 * CacheService ──▶ CacheUpkeep ◀── OfflineCache
 *                    │      │
 *             BlobCache    SnapshotStore: which images use a blob
 * }</pre>
 *
 * <p>A verification is what file systems call a scrub (btrfs-scrub(8), zpool-scrub(8)).
 */
@NullMarked
package io.lazerofs.snapshotter.upkeep;

import org.jspecify.annotations.NullMarked;
