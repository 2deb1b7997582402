/**
 * Writes EROFS images: a tar stream or a directory goes in, an image comes out, the same bytes for
 * the same input and options.
 *
 * <pre>{@code
 * TarImporter,
 * DirectoryImporter ── entries ──▶ Directory tree ───────┐
 *      │                                                 ├──▶ Layout ──▶ MetadataWriter, ImageHead
 *      └── file content ──▶ ImageWriter                  │
 *                             │ to be compressed         │
 *                             │ or compared              │
 *                             ├──▶ ContentPipeline ──────┤ Content: where each file lies
 *                             │     Batch ▶ Cutter       │
 *                             │     ▶ ContentOutput      │
 *                             └──▶ BlockOutput ──────────┘
 *
 * byte 0       1 block or more                                         blocks
 * ┌────────────┬──────────────┬────────────────────┬──────────────────────┐
 * │ superblock │ file content │ directory blocks   │ inodes, xattrs, maps,│
 * │            │              │                    │ indexes, tails       │
 * └────────────┴──────────────┴────────────────────┴──────────────────────┘
 *                                                  ▲ meta_blkaddr; the root comes first
 * }</pre>
 *
 * <p>Content streams to its place while the source is read; only the tree and the places stay in
 * memory. What is compressed or compared goes through worker threads on the way, in pieces of a
 * fixed size, and is written in its old order. All metadata lies together at the end, the children
 * of a directory side by side, so that a reader who fetches lazily needs few ranges; in a
 * compressed image small files lie there too, beside their inodes.
 *
 * <p>The format is that of the kernel's <a
 * href="https://docs.kernel.org/filesystems/erofs.html">Documentation/filesystems/erofs.rst</a>;
 * layers follow the <a href="https://github.com/opencontainers/image-spec/blob/main/layer.md">OCI
 * image specification, layer.md</a>, "Whiteouts", and the kernel's
 * Documentation/filesystems/overlayfs.rst.
 */
@NullMarked
package io.lazerofs.erofs.write;

import org.jspecify.annotations.NullMarked;
