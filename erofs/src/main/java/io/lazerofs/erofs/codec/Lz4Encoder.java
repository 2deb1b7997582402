package io.lazerofs.erofs.codec;

import java.util.Objects;

/** Makes raw LZ4 blocks: compresses a little more than fits and ends the block where it is full. */
final class Lz4Encoder implements Encoder {
  /** Foresees how much content fits; best if it is a little more. */
  private interface Guess {
    double length(byte[] input, int start, int end, int limit);
  }

  /**
   * Bytes that fast LZ4 makes of what takes LZ4 HC one byte, or a little more: the median is 1.21
   * and the ninth decile 1.34 (level 9, system libraries and texts, blocks of 64 KiB; 1.10 and 1.21
   * for 4 KiB). Too little costs compressing it all again, too much only the excess.
   */
  private static final double HIGH_GAIN = 1.3;

  private final Lz4Block block;
  private final Guess guess;
  private final Runnable freer;

  private Lz4Encoder(Lz4Block block, Guess guess, Runnable freer) {
    this.block = block;
    this.guess = guess;
    this.freer = freer;
  }

  static Lz4Encoder fast() {
    Lz4Block block = Lz4Block.fast();
    return new Lz4Encoder(
        block, (input, start, end, limit) -> limit * Lz4Probe.EXPANSION, block::close);
  }

  /**
   * @param level 1 to 12
   */
  static Lz4Encoder high(int level) {
    Lz4Block block = Lz4Block.high(level);
    Lz4Probe probe = new Lz4Probe();
    Guess guess =
        (input, start, end, limit) -> {
          probe.reset(input, start, end);
          return probe.contentOf(limit * HIGH_GAIN);
        };
    return new Lz4Encoder(
        block,
        guess,
        () -> {
          block.close();
          probe.close();
        });
  }

  @Override
  public Fit fit(byte[] input, int start, int end, byte[] output, int limit) {
    Objects.checkFromToIndex(start, end, input.length);
    Objects.checkFromIndexSize(0, limit, output.length);
    if (limit == 0) {
      return Fit.of(0, 0);
    }
    int length =
        block.compressPast(
            limit, input, start, end - start, guess.length(input, start, end, limit));
    if (block.size() > limit) {
      return block.sequences().cut(input, start, end, output, limit);
    }
    block.copyTo(output);
    return Fit.of(length, block.size());
  }

  @Override
  public void close() {
    freer.run();
  }
}
