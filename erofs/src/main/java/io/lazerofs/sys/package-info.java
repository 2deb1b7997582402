/**
 * The C library through the foreign function interface: the only package that links native code.
 *
 * <p>{@link io.lazerofs.sys.LibC} links a function, captures its errno and makes a {@link
 * io.lazerofs.sys.SystemCallException} of it; a {@link io.lazerofs.sys.Descriptor} owns what
 * open(2) returned; {@link io.lazerofs.sys.UnixDatagram} sends what java.net cannot. Which other
 * functions there are is the affair of the two packages that call them:
 *
 * <pre>{@code
 * fuse.sys: readv, writev, mount …  ──╮
 *                                     ├──▶ sys: link, errno, open, close ──▶ libc ──▶ kernel
 * files: statx, getdents64, mkdirat … ╯
 * }</pre>
 *
 * <p>A JVM that denies native access gets a {@link LinkageError} that names the flag to start it
 * with.
 *
 * @see <a href="https://openjdk.org/jeps/454">JEP 454: Foreign Function and Memory API</a>
 */
@NullMarked
package io.lazerofs.sys;

import org.jspecify.annotations.NullMarked;
