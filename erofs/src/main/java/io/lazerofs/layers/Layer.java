package io.lazerofs.layers;

import io.lazerofs.erofs.ErofsImage;

/**
 * An image that is served as a layer.
 *
 * @param index {@link NodeId#FIRST_LAYER} to {@link NodeId#LAST_LAYER}
 * @param generation another number for each layer that ever had the index
 * @param name its directory in the root
 * @param image owned by whoever adds and removes the layer
 */
public record Layer(int index, long generation, String name, ErofsImage image) {
  public Layer {
    if (index < NodeId.FIRST_LAYER || index > NodeId.LAST_LAYER) {
      throw new IllegalArgumentException("layer index " + index);
    }
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.contains("/")) {
      throw new IllegalArgumentException("layer name \"" + name + "\"");
    }
  }
}
