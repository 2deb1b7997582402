package io.lazerofs.erofs.codec;

/**
 * Foresees how much content fits: what the fastest LZ4 makes of it, which takes little beside the
 * encoders that this is for, times how much smaller those usually get it.
 */
final class Lz4Probe implements AutoCloseable {
  private static final int FIRST_EXPANSION = 4;

  private final Lz4Block block = Lz4Block.fast();
  private final double gain;

  /**
   * @param gain bytes that LZ4 makes of what takes the encoder one byte
   */
  Lz4Probe(double gain) {
    this.gain = gain;
  }

  /** Returns about how much of {@code input[start, end)} an encoder fits into {@code limit}. */
  int contentFor(byte[] input, int start, int end, int limit) {
    long target = (long) (limit * gain);
    int available = end - start;
    int length = (int) Math.min(available, target * FIRST_EXPANSION);
    while (block.compress(input, start, length) < target && length < available) {
      length = (int) Math.min(available, (long) length * FIRST_EXPANSION);
    }
    return block.sequences().contentOf(target);
  }

  @Override
  public void close() {
    block.close();
  }
}
