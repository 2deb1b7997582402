package io.lazerofs.erofs.codec;

/**
 * Foresees how much content fits: how the fastest LZ4 fares with it, which takes little beside the
 * encoders that this is for.
 */
final class Lz4Probe implements AutoCloseable {
  /** How much content there is in a byte of LZ4, more often than not at the most. */
  static final double EXPANSION = 2.5;

  private final Lz4Block block = Lz4Block.fast();
  private byte[] input = {};
  private int start;
  private int available;
  private int probed;

  /** Sets the content that is asked about: {@code input[start, end)}. */
  void reset(byte[] input, int start, int end) {
    this.input = input;
    this.start = start;
    available = end - start;
    probed = 0;
  }

  /** Returns how much of the content makes {@code target} bytes of LZ4, about; all if less. */
  int contentOf(double target) {
    if (probed < available && (probed == 0 || block.size() <= target)) {
      probed = block.compressPast(target, input, start, available, target * EXPANSION);
    }
    return probed == 0 ? 0 : block.sequences().contentOf(target);
  }

  @Override
  public void close() {
    block.close();
  }
}
