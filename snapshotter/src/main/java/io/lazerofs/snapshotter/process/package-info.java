/**
 * What the operating system and the service manager say to this process, and what it says to them.
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
 * <p>A service manager that asked for it is told when the process serves, that it is well, and that
 * it ends:
 *
 * <pre>{@code
 * NOTIFY_SOCKET ◀── READY=1, STATUS=serving …     once
 *               ◀── WATCHDOG=1                    twice in WATCHDOG_USEC, while all is well
 *               ◀── STOPPING=1                    at the first signal
 * }</pre>
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/signal.7.html">signal(7)</a>
 * @see <a href="https://man7.org/linux/man-pages/man3/sd_notify.3.html">sd_notify(3)</a>
 */
@NullMarked
package io.lazerofs.snapshotter.process;

import org.jspecify.annotations.NullMarked;
