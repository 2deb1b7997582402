/**
 * The file systems that a FUSE server shows of EROFS images: one image, or many as layers below one
 * root.
 *
 * <pre>{@code
 * node id   63 ─────── 48 47 ──────────── 0        /              LayersFileSystem, node 1
 *           layer index   nid                      ├── 3f2a…/     ImageFileSystem, layer 1
 *                                                  └── 9c01…/     ImageFileSystem, layer 2
 * }</pre>
 *
 * <p>A node id says by itself where its inode is: nothing that an answer needs is remembered
 * between two requests, only files that were read lately are kept to be found again without an
 * allocation. A daemon that takes a running mount over needs no more than the {@link
 * io.lazerofs.layers.LayerTable}. Inode numbers are node ids, so they differ between layers and
 * stay the same over restarts. Layer indexes leave the upper bits free for overlayfs, which marks
 * inode numbers there ({@code xino}).
 *
 * <p>{@link io.lazerofs.layers.ImageFile} keeps where the bytes of a file are, within a bound.
 * Bytes of a flat file that is read in order follow each other on the blob, and what fetches the
 * blob reads it ahead; of chunk-based and compressed files they may lie anywhere, so {@link
 * io.lazerofs.layers.FileReadAhead} goes by the order of the file. Both ask for a range once.
 *
 * @see <a href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs, "Inode
 *     properties"</a>
 */
@NullMarked
package io.lazerofs.layers;

import org.jspecify.annotations.NullMarked;
