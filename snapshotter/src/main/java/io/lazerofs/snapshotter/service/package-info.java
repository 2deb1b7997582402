/**
 * The gRPC services on the daemon's socket: protobuf to the words of {@link
 * io.lazerofs.snapshotter.store} and back, and refusals to status codes; nothing is decided here.
 *
 * <pre>{@code
 * containerd ── unix socket ──▶ SocketServer ──▶ SnapshotsService ──▶ Snapshotter
 *                                                    │ SnapshotException
 *                                                    ▼
 *                                                Statuses ──▶ ALREADY_EXISTS, NOT_FOUND, …
 * }</pre>
 *
 * <p>The wire format is containerd's (api/services/snapshots/v1/snapshots.proto); the codes are
 * those that its errdefs package turns back into the errors of a snapshotter.
 */
@NullMarked
package io.lazerofs.snapshotter.service;

import org.jspecify.annotations.NullMarked;
