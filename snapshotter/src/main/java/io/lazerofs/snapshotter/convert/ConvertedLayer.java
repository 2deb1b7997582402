package io.lazerofs.snapshotter.convert;

import io.lazerofs.source.Digest;

/**
 * An EROFS layer in the destination.
 *
 * @param diffId what the configuration says of it: its own digest, if it was made here
 */
record ConvertedLayer(Digest digest, long size, Digest diffId) {}
