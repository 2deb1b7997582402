/**
 * Direct I/O: reads of files whose bytes lie in mappings, with the results that Linux gives.
 *
 * <p>The FUSE client passes O_DIRECT reads on without a look at their alignment, so the rules of a
 * block file system are kept here, in the shape of the kernel's iomap: a {@link
 * io.lazerofs.dio.Mapper} says where bytes are, and {@link io.lazerofs.dio.DirectIo} loops over its
 * answers and knows no format.
 *
 * <pre>{@code
 * DirectIo.read ──▶ SmallRead: one Mapped that holds all of the read, or else
 *      │
 *      ╰──────────▶ Mapper.begin ──▶ Hole     zeros
 *      ▲                             Mapped   the device's bytes; the alignment is judged
 *      │                             Inline   the metadata's bytes
 *      │                             Encoded  what decoding gives
 *      ╰─────────── Mapper.end, then the next part; the first failure fails the whole
 *
 * file of 12,988 bytes:  │ Mapped, 3 blocks         │ Inline, 700 bytes │ end
 * read 4,196 at 8,192:                  ├── 4,096 ──┼ 100 ┤              4,196 bytes
 * read   100 at 8,192:                  ├ 100 ┤                          MisalignedException
 * read   100 at 12,289:                                ├ 100 ┤           100 bytes
 * }</pre>
 *
 * <p>A part that is absent fails the read too, after the other places that the request needs were
 * asked for, so that all of them are on their way while the reader waits for the first.
 *
 * <p>docs/direct-io.md lists the rules and their tests; docs/decisions/0010 says why a read is a
 * loop.
 *
 * @see <a href="https://docs.kernel.org/filesystems/iomap/operations.html">iomap, "Direct I/O"</a>
 */
@NullMarked
package io.lazerofs.dio;

import org.jspecify.annotations.NullMarked;
