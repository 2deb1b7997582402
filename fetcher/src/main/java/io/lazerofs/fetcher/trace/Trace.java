package io.lazerofs.fetcher.trace;

import io.lazerofs.fetcher.lazy.Touch;
import io.lazerofs.source.Digest;
import java.util.List;

/**
 * What was read first of one image, in the order of time. Immutable.
 *
 * @param image the digest of the image's manifest
 * @param layers the digests of its layers, the base first
 * @param ranges what was read
 */
public record Trace(Digest image, List<Digest> layers, List<Range> ranges) {
  /** The most layers of an image: more than overlayfs takes. */
  public static final int MAX_LAYERS = 512;

  /** The most ranges of a trace; keeps its JSON below two megabytes. */
  public static final int MAX_RANGES = 1 << 16;

  /** The end of the last byte that a range may have, as of the largest blob: one tebibyte. */
  private static final long MAX_END = 1L << 40;

  /**
   * A range of a layer.
   *
   * @param layer the layer's index in {@link Trace#layers}
   * @param offset its first byte
   * @param length in bytes
   * @throws IllegalArgumentException when it is empty, or of no layer or blob
   */
  public record Range(int layer, long offset, long length) {
    public Range {
      if (layer < 0
          || layer >= MAX_LAYERS
          || offset < 0
          || length < 1
          || length > MAX_END
          || offset > MAX_END - length) {
        throw new IllegalArgumentException(
            "no range: layer %d, offset %d, length %d".formatted(layer, offset, length));
      }
    }
  }

  /**
   * @throws IllegalArgumentException when there are too many layers or ranges, or a range of a
   *     layer that the image does not have
   */
  public Trace {
    layers = List.copyOf(layers);
    ranges = List.copyOf(ranges);
    if (layers.size() > MAX_LAYERS || ranges.size() > MAX_RANGES) {
      throw new IllegalArgumentException(
          "%d layers and %d ranges; at most %d and %d"
              .formatted(layers.size(), ranges.size(), MAX_LAYERS, MAX_RANGES));
    }
    for (Range range : ranges) {
      if (range.layer >= layers.size()) {
        throw new IllegalArgumentException(
            "a range of layer %d of %d".formatted(range.layer, layers.size()));
      }
    }
  }

  /** Makes a trace of what a recorder noted of the layers. */
  public static Trace of(Digest image, List<Digest> layers, List<Touch> touches) {
    // A digest that an image has twice is one blob, at its first place.
    List<Digest> distinct = layers.stream().distinct().toList();
    return new Trace(
        image,
        distinct,
        touches.stream()
            .filter(touch -> distinct.contains(touch.blob()))
            .map(touch -> new Range(distinct.indexOf(touch.blob()), touch.offset(), touch.length()))
            .toList());
  }

  /** Returns the sum of the ranges' lengths in bytes. */
  public long bytes() {
    return ranges.stream().mapToLong(Range::length).sum();
  }
}
