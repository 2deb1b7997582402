/**
 * The file system of {@link io.lazerofs.fuse.FileSystem} behind libfuse 2, by way of jnr-fuse: for
 * users who may not open {@code /dev/fuse} and call mount(2), but may run fusermount.
 *
 * <pre>{@code
 * kernel ⇄ /dev/fuse ⇄ libfuse: mounts, and a pool of threads that grows with what is in flight
 *                        │ paths and memory of C              ▲ bytes, or -errno
 *                        ▼                                    │
 *                      Operations ──▶ Paths ──▶ FileSystem ───╯
 *                          ╰─ waits on libfuse's own thread for absent bytes
 * }</pre>
 *
 * <p>libfuse names files by path and keeps its own table of nodes; paths become node ids by lookups
 * from the root, and an open file carries its node id. Paths are the kernel's bytes, whatever
 * encoding they are in: the callbacks take addresses, since jnr-ffi would decode strings.
 *
 * <p>Against {@link io.lazerofs.fuse.FuseServer} it has the limits of libfuse 2, which speaks FUSE
 * 7.19: requests of at most 128 KiB, each part of a larger direct read is a request of its own and
 * may fail alone, a listing brings no attributes, no SEEK_HOLE, every open is a request.
 *
 * <p>jnr-ffi and jnr-fuse share a package, which no two modules may: on the module path they can
 * only be used from the class path ({@code --add-reads io.lazerofs.erofs=ALL-UNNAMED}).
 *
 * @see <a href="https://github.com/libfuse/libfuse/blob/fuse-2_9_bugfix/include/fuse.h">libfuse
 *     2.9's interface, include/fuse.h</a>
 */
@NullMarked
package io.lazerofs.fuse.jnr;

import org.jspecify.annotations.NullMarked;
