/**
 * EROFS images: a reader that finds inodes, directories, attributes and the places of a file's
 * bytes in one primary device and any number of extra ones.
 *
 * <pre>{@code
 * ErofsImage image = ErofsImage.open(primary, List.of());
 * Inode directory = image.inode(image.rootNid());
 * DirectoryEntry entry = image.lookup(directory, name).orElseThrow();
 * Inode file = image.inode(entry.nid());
 * Extent extent = image.extent(file, 0);   // where the bytes are, to read them elsewhere
 * int read = image.read(file, 0, buffer);  // or the bytes themselves
 * }</pre>
 *
 * <p>The reader caches nothing and keeps nothing between calls: whoever wants a cache puts it above
 * or below. It reads through {@link io.lazerofs.source.ByteSource} only, in pieces of at most a
 * block or one record, so an image whose bytes come over a network can be used as soon as the few
 * bytes of a call are here; each call may throw {@link io.lazerofs.source.AbsentException} and may
 * be made again.
 *
 * <p>Images are not trusted. What a call touches is checked first, and what is wrong is an {@link
 * io.lazerofs.erofs.ErofsException}; memory stays bounded whatever an image says.
 *
 * <p>The format is that of the Linux kernel, Documentation/filesystems/erofs.rst; the records
 * themselves are in {@link io.lazerofs.erofs.disk}.
 */
@NullMarked
package io.lazerofs.erofs;

import org.jspecify.annotations.NullMarked;
