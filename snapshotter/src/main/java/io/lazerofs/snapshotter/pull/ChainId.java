package io.lazerofs.snapshotter.pull;

import io.lazerofs.source.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The names of layers with all that is below them (OCI image specification, config.md, "Layer
 * ChainID"): the lowest layer's is its diff id, each other's the digest of {@code <chain id below>
 * <diff id>} with one space between.
 */
final class ChainId {
  private ChainId() {}

  /** Returns the chain id of every layer, lowest first. */
  static List<Digest> of(List<Digest> diffIds) {
    List<Digest> chain = new ArrayList<>(diffIds.size());
    for (Digest diffId : diffIds) {
      chain.add(
          chain.isEmpty()
              ? diffId
              : Digest.of((chain.getLast() + " " + diffId).getBytes(StandardCharsets.US_ASCII)));
    }
    return List.copyOf(chain);
  }
}
