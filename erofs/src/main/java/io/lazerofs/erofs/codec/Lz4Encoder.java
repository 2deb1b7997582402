package io.lazerofs.erofs.codec;

import java.util.Objects;

/** Makes raw LZ4 blocks: compresses a little more than fits and ends the block where it is full. */
final class Lz4Encoder implements Encoder {
  /** The content tried first, as a share of what is foreseen: it mostly is too much. */
  private static final double MARGIN = 1.08;

  private final Lz4Block block;
  private final Lz4Probe probe;

  Lz4Encoder(Lz4Block block, Lz4Probe probe) {
    this.block = block;
    this.probe = probe;
  }

  @Override
  public Fit fit(byte[] input, int start, int end, byte[] output, int limit) {
    Objects.checkFromToIndex(start, end, input.length);
    Objects.checkFromIndexSize(0, limit, output.length);
    if (limit == 0) {
      return Fit.of(0, 0);
    }
    int available = end - start;
    int length =
        (int) Math.min(available, probe.contentFor(input, start, end, limit) * MARGIN + 64);
    while (true) {
      int size = block.compress(input, start, length);
      if (size > limit) {
        return block.sequences().cut(input, start, end, output, limit);
      }
      if (length == available) {
        block.copyTo(output);
        return Fit.of(length, size);
      }
      length = more(length, size, limit, available);
    }
  }

  /** Returns how much to try after {@code length} bytes have left room. */
  private static int more(int length, int size, int limit, int available) {
    return (int) Math.min(available, (double) length / size * limit * MARGIN + 64);
  }

  @Override
  public void close() {
    block.close();
    probe.close();
  }
}
