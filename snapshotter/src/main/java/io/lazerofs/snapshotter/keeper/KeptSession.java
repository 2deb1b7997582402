package io.lazerofs.snapshotter.keeper;

import io.lazerofs.fuse.SessionState;
import io.lazerofs.fuse.sys.FuseDevice;

/**
 * A mount that outlived its daemon.
 *
 * @param device to be owned by whoever serves it on
 * @param state what INIT settled
 */
public record KeptSession(FuseDevice device, SessionState state) {}
