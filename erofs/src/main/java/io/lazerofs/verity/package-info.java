/**
 * Hash trees that let every block of a layer be verified by itself: dm-verity's format, version 1
 * (the kernel's Documentation/admin-guide/device-mapper/verity.rst and cryptsetup's "DMVerity"
 * on-disk format).
 *
 * <pre>{@code
 * 0                    hash offset
 * ┌─────────────────────┬────────────┬──────┬─────────────┬───────────────────────┐
 * │ EROFS file system   │ superblock │ root │ level 1     │ level 0               │
 * │ data blocks         │            │      │             │ a hash per data block │
 * └─────────────────────┴────────────┴──────┴─────────────┴───────────────────────┘
 *                            salt        ▲ its hash is the root hash, which the manifest names
 * }</pre>
 *
 * <p>Each block is 4096 bytes and holds the hashes, salted SHA-256, of 128 blocks of the level
 * below. So the way from the manifest's digest to a block of a file is: manifest, root hash, one
 * block of each level, block.
 */
@NullMarked
package io.lazerofs.verity;

import org.jspecify.annotations.NullMarked;
