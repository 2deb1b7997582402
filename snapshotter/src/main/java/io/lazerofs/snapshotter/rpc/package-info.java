/**
 * gRPC calls to a server on this machine, over a socket in the file system.
 *
 * <p>{@code client ── HTTP/2 ── /run/…/x.sock ── containerd, or lazerofs's own daemon}. The name of
 * the server in the calls is {@code localhost}, as gRPC prescribes for {@code unix:} addresses
 * (grpc.io, "gRPC Name Resolution").
 */
@NullMarked
package io.lazerofs.snapshotter.rpc;

import org.jspecify.annotations.NullMarked;
