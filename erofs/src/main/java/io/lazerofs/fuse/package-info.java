/**
 * The FUSE protocol: a server for the kernel's {@code /dev/fuse} and the file system that it
 * drives.
 *
 * <pre>{@code
 * kernel ⇄ /dev/fuse ⇄ Worker, a platform thread with its own memory
 *                        │ Message, a READ; Request, anything else
 *                        ▼
 *                      Exchange ─▶ Responder ─▶ FileSystem
 *                        │ ▲                       │ AbsentException
 *                        │ │                       ▼
 *                        │ ╰─────────────── WaitingRequests: a virtual thread awaits the bytes,
 *                        ▼                  asks again and replies itself
 *                      Reply.send: header and data in one writev(2)
 * }</pre>
 *
 * <p>A READ whose bytes are present makes no object and takes no lock. What a file system lends to
 * replies may be unmapped after {@link io.lazerofs.fuse.FuseServer#quiesce}.
 *
 * <p>{@link io.lazerofs.fuse.FuseServer} mounts a {@link io.lazerofs.fuse.FileSystem} and serves it
 * until it is unmounted:
 *
 * <pre>{@code
 * try (FuseServer server = FuseServer.mount(dir, files, FuseOptions.defaults(), virtualThreads)) {
 *   server.awaitEnd();
 * }
 * }</pre>
 *
 * <p>A session has no state but what {@link io.lazerofs.fuse.SessionState} records once: there are
 * no open files (OPEN is answered ENOSYS, and the kernel never asks again, unless the file system
 * judges opens), no table of looked-up nodes (FORGET is ignored), and everything that cannot change
 * is cached by the kernel for good.
 *
 * <p>Constants and structures are those of include/uapi/linux/fuse.h; {@link
 * io.lazerofs.fuse.Errno} is the one place that makes an errno of an exception.
 *
 * @see <a href="https://docs.kernel.org/filesystems/fuse/fuse.html">FUSE in the kernel's
 *     documentation</a>
 */
@NullMarked
package io.lazerofs.fuse;

import org.jspecify.annotations.NullMarked;
