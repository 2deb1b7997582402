/**
 * The records of the EROFS format as they lie on disk: each a value that decodes from and encodes
 * to little-endian bytes, with nothing interpreted that one record alone cannot tell.
 *
 * <pre>{@code
 * byte 0        1024            meta block                          data blocks
 * ┌─────────────┬───────────────┬─────────────────────────────────┬──────────────┐
 * │ boot code   │ Superblock    │ inode, xattrs, chunk map or     │ file content │
 * │             │ DeviceSlot... │ inline tail; the next inode ... │ directories  │
 * └─────────────┴───────────────┴─────────────────────────────────┴──────────────┘
 * }</pre>
 *
 * <p>Decoding takes any bytes and checks nothing but that they are there (an {@link
 * java.lang.IndexOutOfBoundsException} otherwise); readers judge what the values mean. Encoding
 * refuses values that do not fit their fields with an {@link java.lang.IllegalArgumentException}.
 *
 * <p>The format is that of the Linux kernel, fs/erofs/erofs_fs.h and
 * Documentation/filesystems/erofs.rst.
 */
@NullMarked
package io.lazerofs.erofs.disk;

import org.jspecify.annotations.NullMarked;
