/**
 * Mounts without containerd: an image file, or an image of a registry as one tree.
 *
 * <p>Each mount has a process of its own, which serves it until it is unmounted, and files that
 * belong to the mount point, named by a digest of its path:
 *
 * <pre>{@code
 * <root>/mounts/6b86b273ff34fce1.lock   held by the process that serves; given free by the kernel
 *               6b86b273ff34fce1.log    what that process had to say in the background
 *               6b86b273ff34fce1/mount  what is mounted where, by which process
 *               6b86b273ff34fce1/fs/    layers to merge: each through FUSE, 0 the base
 *               6b86b273ff34fce1/cache/ an image in a registry: what is present of its blobs
 * }</pre>
 *
 * <p>The cache is of one mount alone and goes with it: a cache directory has one owner, and the
 * daemon's is not to be kept from it.
 *
 * <p>An image in a registry is an overlay of its layers without an upper directory, which only root
 * can mount for others to see. If there is one layer, it is served at the mount point itself: an
 * overlay needs two (https://docs.kernel.org/filesystems/overlayfs.html, "Multiple lower layers").
 */
@NullMarked
package io.lazerofs.snapshotter.standalone;

import org.jspecify.annotations.NullMarked;
