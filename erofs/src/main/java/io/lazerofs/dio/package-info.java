/**
 * Direct I/O: reads of files whose bytes lie in extents, with the results that Linux gives.
 *
 * <p>The FUSE client passes O_DIRECT reads on without a look at their alignment, so the rules of a
 * block file system are kept here, extent by extent as iomap does (fs/iomap/direct-io.c):
 *
 * <pre>{@code
 * file of 12,988 bytes:  │ Plain, 3 blocks          │ Inline, 700 bytes │ end
 * read 4,196 at 8,192:                  ├── 4,096 ──┼ 100 ┤              4,196 bytes
 * read   100 at 8,192:                  ├ 100 ┤                          MisalignedException
 * read   100 at 12,289:                                ├ 100 ┤           100 bytes
 * }</pre>
 *
 * @see <a href="https://docs.kernel.org/filesystems/iomap/operations.html">iomap, "Direct I/O"</a>
 */
@NullMarked
package io.lazerofs.dio;

import org.jspecify.annotations.NullMarked;
