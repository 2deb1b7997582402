/**
 * What the operating system says to this process.
 *
 * <p>A process that serves a mount ends in one of two ways, both asked for by signals:
 *
 * <pre>{@code
 * SIGTERM ─▶ end: unmount, let what is under way end ─▶ exit status 0
 *    │ a second one, or 15 seconds
 *    ▼
 *    abort: all that waits fails ─▶ clean up ─▶ exit status 128 + the signal's number
 * }</pre>
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/signal.7.html">signal(7)</a>
 */
@NullMarked
package io.lazerofs.snapshotter.process;

import org.jspecify.annotations.NullMarked;
