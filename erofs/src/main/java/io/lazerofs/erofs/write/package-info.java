/**
 * Writes EROFS images: a tar stream or a directory goes in, an image comes out, the same bytes for
 * the same input.
 *
 * <pre>{@code
 * TarImporter, DirectoryImporter ── entries ──▶ Directory tree ──┐
 *      │                                                         ├──▶ Layout
 *      └── file content ──▶ ImageWriter ─────────────────────────┘      │
 *                                ▲             metadata, superblock     │
 *                                └──────────────────────────────────────┘
 *
 * block 0      1                                                       blocks
 * ┌────────────┬──────────────┬────────────────────┬──────────────────────┐
 * │ superblock │ file content │ directory blocks   │ inodes, xattrs, tails│
 * └────────────┴──────────────┴────────────────────┴──────────────────────┘
 *                                                  ▲ meta_blkaddr; the root comes first
 * }</pre>
 *
 * <p>Content streams to its place while the source is read; only the tree stays in memory, about
 * 250 bytes a file. All metadata lies together at the end, the children of a directory side by
 * side, so that a reader who fetches lazily needs few ranges.
 *
 * <p>The format is that of the kernel's <a
 * href="https://docs.kernel.org/filesystems/erofs.html">Documentation/filesystems/erofs.rst</a>,
 * uncompressed, in blocks of 4096 bytes; layers follow the <a
 * href="https://github.com/opencontainers/image-spec/blob/main/layer.md">OCI image specification,
 * layer.md</a>, "Whiteouts", and the kernel's Documentation/filesystems/overlayfs.rst.
 */
@NullMarked
package io.lazerofs.erofs.write;

import org.jspecify.annotations.NullMarked;
