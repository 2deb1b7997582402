/**
 * The whole path on real parts: images in docker-registry, containers of containerd and runc, our
 * daemon between them; and the directions between packages.
 *
 * <pre>
 * ctr run ─► containerd ─► lazerofs snapshotter ─► ThrottlingProxy (counts, spoils) ─► docker-registry
 *              └ runc          └ FUSE mount
 * </pre>
 *
 * <p>What the daemon and containerd say to each other is containerd's API, {@code
 * containerd.services.snapshots.v1}; what passes the proxy is the OCI Distribution Specification.
 */
@NullMarked
package io.lazerofs.it;

import org.jspecify.annotations.NullMarked;
