/**
 * What an image consists of, in numbers.
 *
 * <pre>{@code
 * ImageSummary.of(image)
 *   inodes    regular 600, directory 42 …              by type
 *   layouts   flat-inline 500: 2.1 MB stored …         by data layout
 *   storage   zstd 310 extents: 5.3 MB for 12.1 MB …   by how the bytes are stored
 *   xattrs    80 beside their inodes, 200 shared
 * }</pre>
 *
 * <p>Nothing is decoded but metadata, so a summary takes a walk of the inodes and their extents,
 * and no more. What is wrong with an image is passed over and counted: {@link
 * io.lazerofs.erofs.check.ImageCheck} tells what and where.
 *
 * <p>Layouts and encodings are those of the Linux kernel, Documentation/filesystems/erofs.rst.
 */
@NullMarked
package io.lazerofs.erofs.summary;

import org.jspecify.annotations.NullMarked;
