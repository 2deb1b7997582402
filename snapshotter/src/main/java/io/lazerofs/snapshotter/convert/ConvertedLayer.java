package io.lazerofs.snapshotter.convert;

import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.util.Optional;

/**
 * An EROFS layer in the destination.
 *
 * @param diffId what the configuration says of it: its own digest, if it was made here
 * @param verity the hash tree that it ends with, if it was made here
 */
record ConvertedLayer(Digest digest, long size, Digest diffId, Optional<VerityRoot> verity) {}
