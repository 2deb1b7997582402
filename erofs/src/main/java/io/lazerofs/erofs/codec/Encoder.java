package io.lazerofs.erofs.codec;

/**
 * Compresses content into streams of a given size. For one thread at a time.
 *
 * <p>What a stream holds depends on nothing but the arguments of its {@link #fit} call, so an image
 * does not depend on which encoder made which part of it, nor in which order.
 */
public sealed interface Encoder extends AutoCloseable permits Lz4Encoder, SearchingEncoder {
  /**
   * How much one stream took.
   *
   * @param consumed bytes of the input that the stream holds
   * @param written bytes of the stream, less than {@code consumed} unless both are 0
   */
  record Fit(int consumed, int written) {
    private static final Fit NONE = new Fit(0, 0);

    /** Returns a fit, none if the stream is not smaller than what it holds. */
    static Fit of(int consumed, int written) {
      return written < consumed ? new Fit(consumed, written) : NONE;
    }
  }

  /**
   * Compresses as much of {@code input[start, end)} as fits into {@code output[0, limit)}, as one
   * stream. What {@code output} holds beyond the stream is undefined.
   *
   * @return what was done; consumed and written are 0 when no stream is smaller than what it holds
   * @throws IndexOutOfBoundsException when a range is not inside its array
   */
  Fit fit(byte[] input, int start, int end, byte[] output, int limit);

  /** Frees native memory. The encoder must not be used again. */
  @Override
  void close();
}
