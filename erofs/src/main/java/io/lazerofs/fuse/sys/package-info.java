/**
 * The system calls of a FUSE server, made with {@link io.lazerofs.sys}.
 *
 * <p>A {@link io.lazerofs.fuse.sys.FuseDevice} is an open {@code /dev/fuse}, an {@link
 * io.lazerofs.fuse.sys.IoVector} is the memory of one transfer, {@link
 * io.lazerofs.fuse.sys.MountCalls} mounts and unmounts.
 *
 * <pre>{@code
 * IoVector ── [address, length][address, length] ──▶ readv(2), writev(2) on /dev/fuse
 *         ╰── errno of the last call, captured by the linker
 * }</pre>
 *
 * <p>Calls on the way of a request return {@code -errno} as the kernel itself does; calls made once
 * throw {@link io.lazerofs.sys.SystemCallException}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man4/fuse.4.html">fuse(4)</a>
 */
@NullMarked
package io.lazerofs.fuse.sys;

import org.jspecify.annotations.NullMarked;
