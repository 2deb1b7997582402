/**
 * The kernel as the judge of our reads: random pread(2) and preadv2(2) calls, buffered and with
 * O_DIRECT, of the same image mounted twice.
 *
 * <pre>
 * image ─┬─► loop device ─► kernel's EROFS ─┬─► overlayfs ─┐
 *        │                                  └──────────────┤
 *        │                        ReadCall ◄── CallDraw    ├─► Comparison ─► Verdict ─► Tally
 *        │                                  ┌──────────────┤
 *        └─► our FUSE mount ────────────────┴─► overlayfs ─┘
 * </pre>
 *
 * <p>Result, errno and bytes are the same on both sides, and no byte of memory is written beside
 * what was read; {@link io.lazerofs.it.dio.KnownDifference} lists the exceptions, and one that no
 * call meets is a failure too. A seed and the number of a call fix the call. What the kernel does
 * is that of its fs/iomap/direct-io.c and fs/erofs/data.c.
 */
@NullMarked
package io.lazerofs.it.dio;

import org.jspecify.annotations.NullMarked;
