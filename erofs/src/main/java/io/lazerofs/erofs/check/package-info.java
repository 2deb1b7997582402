/**
 * The check of a whole image: everything that can be reached is decoded, and whatever is wrong is
 * reported, not only the first fault.
 *
 * <pre>{@code
 * superblock, checksum, device table          SuperblockCheck
 *      │
 * root ▼ directories, name by name            TreeWalk ──▶ DirectoryScan
 *      │ each inode once
 *      ▼
 * inode, xattrs, every extent, every byte     ImageCheck ──▶ ContentReader
 *      │                │
 *      ▼ decoded        ▼ wrong
 *  TreeSink           Fault(path or nid, offset, what, expected, actual)
 * }</pre>
 *
 * <p>Images are not trusted: the check of any bytes ends, and throws nothing but what its sources
 * and its sinks throw. What it keeps are 12 bytes for each place of a hash table of nids, the names
 * of the directories that it is in, and one buffer; faults and content are handed on as they come.
 *
 * <p>A {@link io.lazerofs.erofs.check.TreeSink} gets what was decoded, so that whoever wants the
 * files of an image needs no second walk. {@link io.lazerofs.erofs.check.TreeWalk} is for those who
 * want the inodes only.
 *
 * <p>The rules are those of the Linux kernel, Documentation/filesystems/erofs.rst and fs/erofs,
 * where they say more than the readers of {@link io.lazerofs.erofs} need to know: directories are
 * trees, link counts are right, the superblock counts the inodes.
 */
@NullMarked
package io.lazerofs.erofs.check;

import org.jspecify.annotations.NullMarked;
