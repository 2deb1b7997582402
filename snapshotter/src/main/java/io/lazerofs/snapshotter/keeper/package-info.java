/**
 * What outlives a daemon: the descriptor of its mount, and somebody who starts the next one.
 *
 * <pre>{@code
 * watcher ── starts, waits, starts again ──▶ daemon ── serves ──▶ /dev/fuse, one open file
 *                                              │ starts                 ▲
 *                                              ▼                        │ descriptor 3
 *                                            keeper ── holds ───────────╯
 *
 * daemon †  the keeper reads the end of a pipe, the mount's requests wait in the kernel
 * daemon 2  reads ROOT/session, takes descriptor 3 out of the keeper (pidfd_getfd(2)),
 *           has unanswered requests sent again (FUSE_NOTIFY_RESEND), serves,
 *           starts a keeper of its own, and puts that one on record; the old one goes
 * }</pre>
 *
 * <p>Both are a shell with a few lines, {@code keeper.sh}; {@code bin/lazerofs snapshotter} is the
 * watcher. When the watcher dies, the keeper does its part from the daemon's next death on; when
 * the keeper dies, the daemon starts another. Only when the daemon and its keeper die in the same
 * moment is the mount gone.
 *
 * @see <a href="https://docs.kernel.org/filesystems/fuse/fuse.html">FUSE in the kernel's
 *     documentation</a>
 * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_getfd.2.html">pidfd_getfd(2)</a>
 */
@NullMarked
package io.lazerofs.snapshotter.keeper;

import org.jspecify.annotations.NullMarked;
