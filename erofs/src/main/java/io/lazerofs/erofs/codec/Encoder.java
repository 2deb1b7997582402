package io.lazerofs.erofs.codec;

/** Compresses content into streams of a given size. */
public interface Encoder extends AutoCloseable {
  /** How much one stream took. */
  record Fit(int consumed, int written) {}

  /** Compresses as much of the input as fits. */
  Fit fit(byte[] input, int start, int end, byte[] output, int limit);

  @Override
  void close();
}
