/**
 * The blobs of a machine, each kept as a sparse file and a map of its blocks that are present.
 *
 * <pre>{@code
 *              bytes in order                  whole blocks, each right by the hash tree
 * RangeReader ───────────────▶ BlockWriter ─────────────────────▶ data file (sparse)
 *                                   │ then                             │ fdatasync, each second
 *                                   ▼                                  ▼ then
 *                              PresenceMap ── sectors changed ──▶ PresenceFile
 *                                   ▲
 *          reader ── present? ──────┘ then pread, or memory once the blob is sealed
 * }</pre>
 *
 * <p>What the files take is bounded: an {@link io.lazerofs.fetcher.cache.Evictor} clears bits,
 * makes that durable, and gives the bytes back to the disk. What the disk does not take is held in
 * memory for the readers that wait for it ({@link io.lazerofs.fetcher.cache.Storage}).
 *
 * <p>Presence is what the map says and nothing else: a hole in the data file may be a block of
 * zeros, and bytes in it may be of a write that never became durable. After a stop that was not
 * clean the map of a blob with a hash tree says what to verify first. When a blob is complete, its
 * bytes are held against its digest once (OCI image specification, descriptor.md, "Verification").
 */
@NullMarked
package io.lazerofs.fetcher.cache;

import org.jspecify.annotations.NullMarked;
