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
 * <p>A read of a compressed file goes from its index to a pcluster, and through the cache:
 *
 * <pre>{@code
 * offset ─▶ map header, index ─▶ Extent.Compressed ─▶ ClusterCache ─▶ codec.Decoder
 *                              ├▶ Extent.Fragment   ─▶ the same for the packed inode's content
 *                              └▶ Extent.Hole       ─▶ zeros
 * }</pre>
 *
 * <p>Decoded pclusters, in a {@link io.lazerofs.erofs.ClusterCache} that images may share, are all
 * that is kept between calls: whoever wants another cache puts it above or below. The reader reads
 * through {@link io.lazerofs.source.ByteSource} only, in pieces of at most a block, one record or
 * one pcluster, so an image whose bytes come over a network can be used as soon as the few bytes of
 * a call are here; each call may throw {@link io.lazerofs.source.AbsentException} and may be made
 * again.
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
