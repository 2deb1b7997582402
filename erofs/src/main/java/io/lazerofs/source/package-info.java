/**
 * Sources of bytes: the one word that all modules of lazerofs share.
 *
 * <p>A {@link io.lazerofs.source.ByteSource} is the content of one blob. Bytes are either present,
 * that is verified and on this machine, or absent, that is still in a registry; a local file has
 * only present bytes. Reads never wait for a network. A read that meets an absent byte throws
 * {@link io.lazerofs.source.AbsentException}, and whoever can afford to wait brings the range in
 * and reads again:
 *
 * <pre>{@code
 * FUSE worker ── read ──▶ ByteSource ── present ──▶ bytes
 *                             │ absent
 *                             ▼
 *                      AbsentException ──▶ a virtual thread: fill(), then the same read again
 * }</pre>
 *
 * <p>So a reader of images is written once, as if all bytes were there, and holds no thread while
 * they are not. {@link io.lazerofs.source.Waiting} is the loop for callers that just wait.
 */
@NullMarked
package io.lazerofs.source;

import org.jspecify.annotations.NullMarked;
