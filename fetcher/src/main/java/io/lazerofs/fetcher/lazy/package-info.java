/**
 * Blobs that load themselves as they are read: {@link io.lazerofs.fetcher.lazy.LazyBlob} makes a
 * source of bytes of a cache and of something that reads ranges.
 *
 * <pre>{@code
 * read ──▶ LazyBlob ── present ──▶ CachedBlob
 *             │ absent: AbsentException; then fill, from a virtual thread
 *             ▼
 *          Fetcher ── each unit: join or claim ──▶ Flights
 *             │ neighbouring claimed units                ▲ each unit as it becomes present
 *             ▼                                           │
 *           Fetch ── RangeReader ──▶ BlockWriter ─────────┘
 *             ▲
 *             │ at once for a reader; what is ahead of readers waits its turn
 *           Lanes
 * }</pre>
 *
 * <p>What a request may ask for and what an answer may hold is RFC 9110, section 14, "Range
 * Requests"; a {@link io.lazerofs.fetcher.lazy.RangeReader} hides it.
 */
@NullMarked
package io.lazerofs.fetcher.lazy;

import org.jspecify.annotations.NullMarked;
